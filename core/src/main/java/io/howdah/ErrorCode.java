package io.howdah;

/**
 * Why a call failed; {@link HowdahException#code()} carries it. The database's
 * SQLSTATEs map to these codes.
 */
public enum ErrorCode {
  /** The stream, queue or subscription does not exist (HD404). */
  NOT_FOUND,
  /**
   * The name exists as another kind, or what is to be dropped still holds
   * messages (HD409).
   */
  CONFLICT,
  /**
   * No subscription of the stream takes the message, and the stream refuses such
   * messages; nothing was stored (HD422).
   */
  UNROUTABLE,
  /**
   * An argument, a message or a payload is not acceptable; nothing was stored.
   */
  INVALID,
  /** The payload of a delivery is not what the consumer's codec can read. */
  UNDECODABLE,
  /**
   * The database cannot be reached, is shutting down or out of resources; trying
   * again later may help.
   */
  UNAVAILABLE,
  /** The database has no Howdah schema. */
  SCHEMA_MISSING,
  /**
   * The database's Howdah schema is of a version that this client does not know.
   */
  SCHEMA_VERSION,
  /**
   * The lease of a delivery ran out and the message may be with somebody else;
   * nothing was changed (HD410).
   */
  LAPSED,
  /**
   * A position or time was asked for that retention has removed; the message says
   * what is gone, and nothing was changed (HD416).
   */
  GONE,
  /**
   * The call cannot run in these circumstances, for example a claim outside READ
   * COMMITTED (0A000).
   */
  UNSUPPORTED,
  /** The role of the connection may not do this, or could not log in. */
  DENIED,
  /** The handle, publisher or worker is closed, or the batch settled. */
  CLOSED,
  /** Something took longer than its limit. */
  TIMEOUT,
  /**
   * Another transaction was in the way (serialization failure, deadlock); the
   * same call may succeed now.
   */
  CONTENTION,
  /** Anything else: a defect, here or in the database. */
  INTERNAL
}
