/*
 * PSA Secure Partition API: what the code of a partition calls.
 *
 * Source: PSA Firmware Framework for M 1.0 (DEN 0063), section 4.4, and 1.1 Extensions (AES 0039).
 * A programmer error in any of these ends the calling partition (psa_panic).
 */
#ifndef PSA_SERVICE_H
#define PSA_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "psa/client.h"
#include "psa/error.h"
#include "psa/lifecycle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Message types that are not requests: a connection is opened or closed. */
#define PSA_IPC_CONNECT    (-1)
#define PSA_IPC_DISCONNECT (-2)

/* A set of signals of a partition, one bit each; values come from psa_manifest/<manifest>.h. */
typedef uint32_t psa_signal_t;

/* One message to a service. FF-M 1.0, 4.4.1. */
typedef struct psa_msg_t {
    int32_t type;        /* PSA_IPC_CONNECT, PSA_IPC_DISCONNECT, or the type of psa_call() */
    psa_handle_t handle; /* names this message in psa_read(), psa_write() and others */
    int32_t client_id;   /* < 0: non-secure caller; > 0: partition id */
    void *rhandle;       /* as set by psa_set_rhandle(); NULL for stateless services */
    size_t in_size[PSA_MAX_IOVEC];  /* bytes of each input vector, 0 where none */
    size_t out_size[PSA_MAX_IOVEC]; /* capacity in bytes of each output vector, 0 where none */
} psa_msg_t;

/* Copies up to num_bytes of what is left of input vector invec_idx (0..3) to buffer.
 * Number of bytes copied; 0 at the end. FF-M 1.0, 4.4.2. */
size_t psa_read(psa_handle_t msg_handle, uint32_t invec_idx, void *buffer, size_t num_bytes);

/* Passes over up to num_bytes of input vector invec_idx; returns how many. FF-M 1.0, 4.4.2. */
size_t psa_skip(psa_handle_t msg_handle, uint32_t invec_idx, size_t num_bytes);

/* Appends num_bytes from buffer to output vector outvec_idx (0..3); more than the space left is a
 * programmer error. FF-M 1.0, 4.4.2. */
void psa_write(psa_handle_t msg_handle, uint32_t outvec_idx, const void *buffer, size_t num_bytes);

/* Sets the value that later messages of this connection carry in rhandle. FF-M 1.0, 4.4.2. */
void psa_set_rhandle(psa_handle_t msg_handle, void *rhandle);

/* Ends the calling partition; the product decides on reset or restart. FF-M 1.1. */
void psa_panic(void) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
#endif
