/** What a service was asked, by name. */
export type Questions = Readonly<Record<string, (question: never) => Promise<unknown>>>

/**
 * Something that takes long to open and is quick to ask (a trained model), in a process of its own. Input, questions and
 * answers cross by structured clone. What it holds is gone with its process, so that every question must say all it needs.
 */
export interface Service<Input, Q extends Questions> {
  open(input: Input): Promise<Q>
}

// Inputs are contravariant, so that no narrower type than `never` holds every service.
export type ServiceTable = Readonly<Record<string, () => Promise<Service<never, Questions>>>>

export type ServiceTypes<Entry> = Entry extends () => Promise<Service<infer Input, infer Q>>
  ? { input: Input; questions: Q }
  : never

export type QuestionOf<Answer> = Answer extends (question: infer Question) => Promise<unknown> ? Question : never
export type AnswerOf<Answer> = Answer extends (question: never) => Promise<infer Given> ? Given : never
