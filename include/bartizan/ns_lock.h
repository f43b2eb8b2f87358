/*
 * The lock of an application with threads: two functions that an RTOS port defines, and that the
 * client library calls around every call into the secure world.
 *
 * The secure world serves one call of the non-secure world at a time. A thread that calls while
 * another thread's call is under way, because a scheduler switched in the middle of it, is refused:
 * psa_call() and psa_connect() give PSA_ERROR_CONNECTION_BUSY, psa_version() PSA_VERSION_NONE, and
 * psa_close() is lost. With these hooks it waits instead. An application without threads, or in
 * which one thread makes all the calls, defines neither.
 *
 * Both are weak in libpsa_ns.a: define both or none. psa_version(), psa_connect(), psa_call(),
 * psa_close() and bartizan_confirm_start() call them, and with them every function that is made of
 * these; psa_framework_version() needs no lock.
 */
#ifndef BARTIZAN_NS_LOCK_H
#define BARTIZAN_NS_LOCK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Takes the lock, waiting for it as long as needed; must not fail. The obvious body takes a mutex
 * with priority inheritance, for ever.
 *
 * Called in Thread mode only, with the caller's privilege and on its stack: in a handler the secure
 * world refuses a call anyway (PSA_ERROR_NOT_PERMITTED), so the hooks are not called. Also called
 * before the scheduler runs, when there is nobody to wait for: return at once then, and decide the
 * same way in bartizan_ns_unlock().
 *
 * Never called twice without bartizan_ns_unlock() between, so it need not be recursive. It may not
 * call any psa_* function, and a call may not be made where the RTOS forbids waiting (a critical
 * section, a suspended scheduler).
 *
 * A thread that was deleted, or is never run again, inside a call keeps the secure world busy for
 * ever: end a thread only where it is in no call. */
void bartizan_ns_lock(void);

/* Gives the lock back: the same thread, after the call. Called in pairs with bartizan_ns_lock(). */
void bartizan_ns_unlock(void);

#ifdef __cplusplus
}
#endif

#endif
