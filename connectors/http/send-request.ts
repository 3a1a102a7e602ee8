import { type Dispatcher, request } from 'undici';

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** Longest answer that is read, in bytes. */
  readonly maxAnswerBytes: number;
}

export interface TargetAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly isJson: boolean;
  /** Absent where the body was too long, or the connection broke inside an answer whose status says enough. */
  readonly text: string | undefined;
}

export type UnansweredReason = 'timeout' | 'network' | 'cancelled';

/** A request without a whole answer. */
export class UnansweredRequest extends Error {
  /** Whether anything may have reached the target. */
  readonly left: boolean;
  readonly reason: UnansweredReason;

  constructor(reason: UnansweredReason, left: boolean, cause: unknown) {
    super(`The request was not answered: ${reason}.`, { cause });
    this.name = 'UnansweredRequest';
    this.reason = reason;
    this.left = left;
  }
}

/**
 * Sends one request, once: redirects are not followed and nothing is repeated.
 *
 * @param dispatcher keeps connections and guards addresses
 * @throws UnansweredRequest where no whole answer came
 */
export async function sendRequest(
  sent: OutboundRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<TargetAnswer> {
  let left = false;
  const watched = dispatcher.compose(
    (dispatch) => (options, handler) =>
      dispatch(
        options,
        noteStart(handler, () => {
          left = true;
        }),
      ),
  );
  const timeout = AbortSignal.timeout(sent.timeoutMs);
  let status: number | undefined;
  try {
    const answer = await request(sent.url, {
      method: sent.method,
      headers: sent.headers,
      body: sent.body ?? null,
      dispatcher: watched,
      signal: AbortSignal.any([signal, timeout]),
      // One deadline for the whole exchange replaces undici's own for its parts.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    status = answer.statusCode;
    const head = headOf(answer);
    try {
      return { ...head, text: await readText(answer.body, sent.maxAnswerBytes) };
    } catch (error) {
      // A refusal is a refusal, whether or not its explanation arrived.
      if (status >= 400 && !signal.aborted) return { ...head, text: undefined };
      throw error;
    }
  } catch (cause) {
    if (signal.aborted) throw new UnansweredRequest('cancelled', left, signal.reason);
    throw new UnansweredRequest(timeout.aborted ? 'timeout' : 'network', left, cause);
  }
}

/**
 * undici starts a request when it has a connection, TLS included, and is about to write: a failure before that is known
 * to have had no effect, whatever its code is.
 */
const noteStart = (handler: Dispatcher.DispatchHandler, started: () => void): Dispatcher.DispatchHandler => ({
  onRequestStart(controller, context) {
    handler.onRequestStart?.(controller, context);
    if (!controller.aborted) started();
  },
  onResponseStart: (controller, status, headers, text) => handler.onResponseStart?.(controller, status, headers, text),
  onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
  onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
  onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
});

function headOf({ statusCode, headers }: Dispatcher.ResponseData): Omit<TargetAnswer, 'text'> {
  return {
    status: statusCode,
    retryAfter: single(headers['retry-after']),
    location: single(headers['location']),
    isJson: /^application\/([\w.-]+\+)?json\b/i.test(single(headers['content-type']) ?? ''),
  };
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

async function readText(body: Dispatcher.ResponseData['body'], most: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > most) return undefined; // leaving the loop destroys the stream
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
