import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Caller } from './authenticator.ts';
import { Refused } from './refused.ts';

/** One path of the API: what the reference says of it, who may use it, and what it does. */
export interface Route {
  readonly method: 'get' | 'post';
  /** As in OpenAPI, below /api/v1: `/clusters/{namespace}/{name}`. */
  readonly path: string;
  /** Name in the reference, unique. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** What the caller must be allowed to do to the MysqlCluster. */
  readonly verb: string;
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodObject;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Only the engine that looks after the cluster can answer; what to do when it can't be asked. */
  readonly owner?: 'required' | 'preferred';
  readonly handle: (request: Request, response: Response, caller: Caller) => void | Promise<void>;
}

export interface Answer {
  readonly description: string;
  /** One of these; none: text. */
  readonly schemas?: readonly z.ZodType[];
  /** `application/json` unless given. */
  readonly mediaType?: string;
}

export interface ClusterRef {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
}

/** The cluster that a path names; the empty one where it names none. */
export function clusterOf(request: Request): ClusterRef {
  const { namespace = '', name = '' } = request.params as Readonly<Record<string, string | undefined>>;
  return { key: `${namespace}/${name}`, namespace, name };
}

/** @throws Refused */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const result = schema.safeParse(request.query);
  if (!result.success) throw new Refused(400, 'MalformedQuery', sentence(result.error));
  return result.data;
}

/** @throws Refused */
export function readBody<Schema extends z.ZodType>(schema: Schema, request: Request): z.output<Schema> {
  const result = schema.safeParse(request.body ?? {});
  if (!result.success) throw new Refused(400, 'MalformedBody', sentence(result.error));
  return result.data;
}

function sentence({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
}
