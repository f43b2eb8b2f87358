/*
 * What the application asks of a partition: types of psa_call().
 */
#ifndef MATRIX_COMMANDS_H
#define MATRIX_COMMANDS_H

#define MATRIX_ATTEMPT     1 /* in[0] and out[0]: a struct attempt */
#define MATRIX_PING        2 /* does nothing */
#define MATRIX_REPLY_TWICE 3 /* IPC: psa_reply() on a message that is answered */
#define MATRIX_LEND        4 /* psa_ipc: APP_SFN is to read the message that psa_ipc serves */
#define MATRIX_BORROW      5 /* reads the message with the handle in in[0] */
#define MATRIX_ANSWER      6 /* psa_reply() to it */
#define MATRIX_MAP         7 /* psa_ipc: maps in[1], calls PSA_SFN; out[0]: the word that it maps */
#define MATRIX_CONNECT     8 /* psa_ipc: out[0]: handle of a connection of its own */
#define MATRIX_USE         9 /* psa_ipc: status of a call on it */
#define MATRIX_FP          10 /* fills the FP registers, then takes its time */
#define MATRIX_INTERRUPTS  11 /* app_ipc: out[0]: how often its interrupt came */
#define MATRIX_SLEEP       12 /* app_ipc: waits for its interrupt: nobody has work meanwhile */
#define MATRIX_LEND_ANSWER 13 /* psa_ipc: APP_IPC is to answer the message that psa_ipc serves */
#define MATRIX_START_TIMER 15 /* app_ipc: one interrupt soon */
#define MATRIX_MAP_TRY                                                                             \
    16 /* psa_ipc: an attempt near in[1], mapped and not: out[0]; app_ipc: lends */
#define MATRIX_STALE       17 /* psa_read() with the handle of the message before */
#define MATRIX_GET_MANAGER 19 /* psa_ipc: the next psa_get() goes to the manager's memory */
#define MATRIX_GET_ODD     20 /* psa_ipc: the next psa_get() is not aligned */
#define MATRIX_ODD_BLOCK   18 /* app_ipc: lends what is not made of blocks of 32 bytes */
#define MATRIX_SPIN        14 /* takes its time */

#define MATRIX_FP_MARK 0x5EC2E7F9U

#endif
