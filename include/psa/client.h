/*
 * PSA client API: how an application or a partition reaches a Root of Trust service.
 *
 * Source: PSA Firmware Framework for M 1.0 (DEN 0063), section 4.3, and 1.1 Extensions (AES 0039).
 * Callable from the non-secure side (Thread mode) and from secure partitions.
 */
#ifndef PSA_CLIENT_H
#define PSA_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the framework API: major in bits 15..8, minor in bits 7..0. */
#define PSA_FRAMEWORK_VERSION (0x0101u)

/* psa_version(): the service does not exist, or the caller may not use it. */
#define PSA_VERSION_NONE (0u)

/* The handle that stands for no connection. */
#define PSA_NULL_HANDLE ((psa_handle_t)0)

/* True for a handle that psa_connect() returned with success. */
#define PSA_HANDLE_IS_VALID(handle) ((psa_handle_t)(handle) > 0)

/* The status in a handle for which PSA_HANDLE_IS_VALID() is false. */
#define PSA_HANDLE_TO_ERROR(handle) ((psa_status_t)(handle))

/* Number of vectors of one call, in and out together. */
#define PSA_MAX_IOVEC (4u)

/* psa_call() type of a plain request; other requests use 1..INT16_MAX. */
#define PSA_IPC_CALL (0)

/* A connection, or the static handle of a stateless service (<SERVICE>_HANDLE in
 * psa_manifest/sid.h). */
typedef int32_t psa_handle_t;

/* A buffer that the service may read. */
typedef struct psa_invec {
    const void *base; /* first byte; ignored if len is 0 */
    size_t len;       /* bytes */
} psa_invec;

/* A buffer that the service may write. */
typedef struct psa_outvec {
    void *base; /* first byte; ignored if len is 0 */
    size_t len; /* in: capacity in bytes; out: bytes written by the service */
} psa_outvec;

/* Version of the framework API that the secure side implements (PSA_FRAMEWORK_VERSION there).
 * FF-M 1.0, 4.3.3. Never fails. */
uint32_t psa_framework_version(void);

/* Version of the service with id sid, or PSA_VERSION_NONE if it does not exist or the caller may
 * not use it. FF-M 1.0, 4.3.3. */
uint32_t psa_version(uint32_t sid);

/* Opens a connection to service sid, asking for version (checked by the service's version policy).
 * A handle > 0; PSA_ERROR_CONNECTION_REFUSED (by the service, or its partition ended before it
 * answered); PSA_ERROR_CONNECTION_BUSY (by the service, no room now, or it waits for this caller).
 * A programmer error ends a partition; a non-secure caller gets PSA_ERROR_CONNECTION_REFUSED
 * (unknown service, no right to it, version not supported) or PSA_ERROR_PROGRAMMER_ERROR (stateless
 * service). FF-M 1.0, 4.3.3. */
psa_handle_t psa_connect(uint32_t sid, uint32_t version);

/* Calls the service behind handle. type: PSA_IPC_CALL or 1..INT16_MAX. in_vec: in_len vectors;
 * out_vec: out_len vectors; in_len + out_len <= PSA_MAX_IOVEC; on return each out_vec[i].len is the
 * number of bytes written. An output may overlap an input (work in place): the service reads and
 * writes in its own order. Both arrays are aligned to 4 bytes. Where the service maps vectors
 * (mm_iovec), a partition gives it buffers whose base and length are multiples of 32.
 * The service's status (>= 0 or a PSA error); PSA_ERROR_PROGRAMMER_ERROR for a bad handle, type,
 * vector or memory (a partition that does this ends); PSA_ERROR_COMMUNICATION_FAILURE if the
 * service's partition ended before it answered, or since the connection was opened (close it);
 * PSA_ERROR_CONNECTION_BUSY while another thread's call from the non-secure side is under way, or
 * where the service waits for this caller, and PSA_ERROR_NOT_PERMITTED from an exception handler:
 * nothing has happened then. FF-M 1.0, 4.3.3; 1.1, stateless handles. */
psa_status_t psa_call(psa_handle_t handle, int32_t type, const psa_invec *in_vec, size_t in_len,
                      psa_outvec *out_vec, size_t out_len);

/* Closes a connection. PSA_NULL_HANDLE is ignored; a stateless or unknown handle, or a service that
 * waits for this caller, is a programmer error. FF-M 1.0, 4.3.3. */
void psa_close(psa_handle_t handle);

#ifdef __cplusplus
}
#endif
#endif
