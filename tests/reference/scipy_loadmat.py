"""Seconds and peak memory of SciPy's loadmat on one file: what our import is measured against."""

import json
import resource
import sys
import time

import scipy.io

started = time.perf_counter()
variables = scipy.io.loadmat(sys.argv[1])
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
except OSError:
    pass
print(json.dumps({"seconds": seconds, "peakMegabytes": peak, "shape": variables["features"].shape}))
