import type { Request, Response } from 'express';
import type { Verb } from '../../../domain/scopes.ts';
import type { Call } from '../call.ts';
import type { SoapDependencies } from '../context.ts';
import type { Arguments } from '../message/arguments.ts';
import type { ComplexType, Field, SimpleType, SoapValue } from './schema-types.ts';

/** A permission: what one may do to users, or to groups, which roles are. */
export type Requirement = readonly [verb: Verb, resourceType: 'User' | 'Group'];

/** How an operation is described. */
export interface OperationContract {
  readonly name: string;
  /** In the order of the request's sequence. */
  readonly parameters: readonly Field[];
  /** Type of `return`; absent where the operation answers nothing. */
  readonly returns?: { readonly type: SimpleType | ComplexType; readonly repeated?: boolean };
}

/** One operation of a web service: how it is described, who may call it, and what it does. */
export interface Operation extends OperationContract {
  /** All of them. Empty: whoever is authenticated. */
  readonly requires: readonly Requirement[];
  /** What it takes besides, in words for the reference; the operation itself sees to it. */
  readonly takes?: string;
  run(call: Call): Promise<SoapValue>;
}

/** A call by whom nobody knows yet. */
export interface OpenCall {
  readonly request: Request;
  readonly response: Response;
  readonly given: Arguments;
  readonly dependencies: SoapDependencies;
}

/** An operation that anybody may call. */
export interface OpenOperation extends OperationContract {
  runOpen(call: OpenCall): Promise<SoapValue>;
}

/** A service that clients of WSO2 know, by its name and namespaces. */
export interface Service {
  /** Last part of its path. */
  readonly name: string;
  /** Target namespace of its description. */
  readonly namespace: string;
  /** Namespace of the elements in its messages. */
  readonly elements: string;
  /** What a fault's detail holds: an element of `elements` around a nillable one of this type. */
  readonly fault: { readonly element: string; readonly type: ComplexType };
  /** What an operation that returns nothing answers: 202 without a body, or `true`. */
  readonly voidAnswer: 'empty' | 'true';
  /** Of one kind: those of a service that is open are. */
  readonly operations: readonly (Operation | OpenOperation)[];
  /** Its calls are not behind authentication. */
  readonly isOpen?: true;
}
