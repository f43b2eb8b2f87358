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

/* Signals and timeouts of psa_wait(). FF-M 1.0, 4.4.1. */
#define PSA_DOORBELL (0x00000008u) /* another partition called psa_notify() */
#define PSA_WAIT_ANY (0xFFFFFFFFu)
#define PSA_POLL     (0x00000000u)
#define PSA_BLOCK    (0x80000000u)

/* Interrupts. FF-M 1.1, 4.5: what psa_irq_disable() found, and what a first-level handler
 * (<name>_flih() of the manifest's interrupt) wants. */
typedef uint32_t psa_irq_status_t;
typedef uint32_t psa_flih_result_t;
#define PSA_FLIH_NO_SIGNAL ((psa_flih_result_t)0)
#define PSA_FLIH_SIGNAL    ((psa_flih_result_t)1) /* asserts the interrupt's signal */

/* One message to a service. FF-M 1.0, 4.4.1. */
typedef struct psa_msg_t {
    int32_t type;        /* PSA_IPC_CONNECT, PSA_IPC_DISCONNECT, or the type of psa_call() */
    psa_handle_t handle; /* names this message in psa_read(), psa_write() and others */
    int32_t client_id;   /* < 0: non-secure caller; > 0: partition id */
    void *rhandle;       /* as set by psa_set_rhandle(); NULL for stateless services */
    size_t in_size[PSA_MAX_IOVEC];  /* bytes of each input vector, 0 where none */
    size_t out_size[PSA_MAX_IOVEC]; /* capacity in bytes of each output vector, 0 where none */
} psa_msg_t;

/* ---- Signals (FF-M 1.0, 4.4.2) ---- */

/* Waits until one of the signals of signal_mask is asserted (timeout PSA_BLOCK), or looks and
 * returns (PSA_POLL): those of signal_mask that are asserted; 0 only when polling. Bits that are
 * no signals of the partition are ignored; a mask of nothing else is a programmer error. IPC
 * partitions. */
psa_signal_t psa_wait(psa_signal_t signal_mask, uint32_t timeout);

/* Asserts PSA_DOORBELL of the IPC partition with the id partition_id (psa_manifest/pid.h). */
void psa_notify(int32_t partition_id);

/* Clears PSA_DOORBELL, which must be asserted. */
void psa_clear(void);

/* Ends the calling partition; the product decides on reset or restart. */
void psa_panic(void) __attribute__((noreturn));

/* ---- Messages (FF-M 1.0, 4.4.2) ----
 *
 * msg_handle: of a message that is not answered yet; any other is a programmer error. invec_idx,
 * outvec_idx: 0..3, a vector of a request. Sizes are in bytes. */

/* Takes the oldest message of the service that signal (exactly one) stands for, and clears the
 * signal when it was the last. PSA_SUCCESS, and *msg describes it. A signal that is not asserted
 * or not of a service is a programmer error. IPC partitions. */
psa_status_t psa_get(psa_signal_t signal, psa_msg_t *msg);

/* Copies up to num_bytes of what is left of input vector invec_idx to buffer. Returns how many were
 * copied; 0 at the end. */
size_t psa_read(psa_handle_t msg_handle, uint32_t invec_idx, void *buffer, size_t num_bytes);

/* Passes over up to num_bytes of input vector invec_idx; returns how many. */
size_t psa_skip(psa_handle_t msg_handle, uint32_t invec_idx, size_t num_bytes);

/* Appends num_bytes from buffer to output vector outvec_idx; more than the space left is a
 * programmer error. */
void psa_write(psa_handle_t msg_handle, uint32_t outvec_idx, const void *buffer, size_t num_bytes);

/* Sets the value, rhandle, that later messages of this connection carry. */
void psa_set_rhandle(psa_handle_t msg_handle, void *rhandle);

/* Answers a message: psa_call() returns status. To PSA_IPC_CONNECT: PSA_SUCCESS,
 * PSA_ERROR_CONNECTION_REFUSED or PSA_ERROR_CONNECTION_BUSY; to PSA_IPC_DISCONNECT anything. With
 * PSA_ERROR_PROGRAMMER_ERROR the client made one: its connection can only be closed. IPC
 * partitions; the functions of SFN services return the status. */
void psa_reply(psa_handle_t msg_handle, psa_status_t status);

/* Reaches a vector (not of length 0) of a request in place, for services whose manifest has
 * mm_iovec: enable; until unmapped or answered, at most two at a time. A vector can be mapped once,
 * and then neither read, skipped nor written. An output vector counts as long as
 * psa_unmap_outvec() says (len, at most its size), 0 without it. FF-M 1.1, 3.5. */
const void *psa_map_invec(psa_handle_t msg_handle, uint32_t invec_idx);
void psa_unmap_invec(psa_handle_t msg_handle, uint32_t invec_idx);
void *psa_map_outvec(psa_handle_t msg_handle, uint32_t outvec_idx);
void psa_unmap_outvec(psa_handle_t msg_handle, uint32_t outvec_idx, size_t len);

/* ---- Interrupts (FF-M 1.0, 4.4.2; FF-M 1.1, 4.5) ----
 *
 * irq_signal: of an interrupt of the partition's manifest, exactly one; any other is a programmer
 * error. */

/* Ends the handling of an interrupt with second-level handling: clears its signal, which must be
 * asserted, and lets the interrupt come again. */
void psa_eoi(psa_signal_t irq_signal);

/* Lets an interrupt of the partition come, or not any more. Those of FF-M 1.1 manifests do not at
 * first. psa_irq_disable() tells what was: 1 enabled, 0 not. */
void psa_irq_enable(psa_signal_t irq_signal);
psa_irq_status_t psa_irq_disable(psa_signal_t irq_signal);

/* Clears the asserted signal of an interrupt with first-level handling. */
void psa_reset_signal(psa_signal_t irq_signal);

#ifdef __cplusplus
}
#endif
#endif
