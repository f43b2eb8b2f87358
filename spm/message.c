/*
 * The server's half of a call: a partition reads and writes its client's vectors.
 *
 * Each trap finds the message that the current partition serves under the handle given; any other
 * handle, index or buffer ends the partition. FF-M 1.0, 4.4.2.
 */
#include "spm/spm.h"

static struct spm_message *message_find(struct spm_frame *frame)
{
    struct spm_thread *client = spm_current->client;

    if ((client == NULL) || (client->message.handle == PSA_NULL_HANDLE) ||
        (client->message.handle != (psa_handle_t)frame->r0)) {
        panic_programmer_error(frame, RULE_MESSAGE);
        return NULL;
    }
    return &client->message;
}

/* As message_find(), for what only a request has: vectors. */
static struct spm_message *request_find(struct spm_frame *frame)
{
    struct spm_message *message = message_find(frame);

    if ((message != NULL) && (message->type < 0)) {
        panic_programmer_error(frame, RULE_MESSAGE);
        return NULL;
    }
    return message;
}

/* The vector named by r1, of the count that the message has; those that it lacks are empty. */
static struct spm_buffer *vector_find(struct spm_frame *frame, struct spm_buffer *vectors,
                                      uint32_t count)
{
    static struct spm_buffer empty;

    if (frame->r1 >= PSA_MAX_IOVEC) {
        panic_programmer_error(frame, RULE_VECTOR_INDEX);
        return NULL;
    }
    if (frame->r1 >= count) {
        empty = (struct spm_buffer){0};
        return &empty;
    }
    return &vectors[frame->r1];
}

static void vector_advance(struct spm_buffer *vector, uint32_t size_bytes)
{
    vector->base += size_bytes;
    vector->size_bytes -= size_bytes;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return (a < b) ? a : b;
}

void message_trap_read(struct spm_frame *frame)
{
    struct spm_message *message = request_find(frame);
    struct spm_buffer *vector;
    struct spm_buffer to;
    uint32_t size_bytes;

    vector = (message != NULL) ? vector_find(frame, message->in, message->in_count) : NULL;
    if (vector == NULL) {
        return;
    }
    size_bytes = smaller(frame->r3, vector->size_bytes);
    if (!memory_check_write(spm_current, frame->r2, size_bytes, &to)) {
        panic_programmer_error(frame, RULE_BUFFER);
        return;
    }
    memory_copy(&to, vector, size_bytes);
    vector_advance(vector, size_bytes);
    frame->r0 = size_bytes;
}

void message_trap_skip(struct spm_frame *frame)
{
    struct spm_message *message = request_find(frame);
    struct spm_buffer *vector;
    uint32_t size_bytes;

    vector = (message != NULL) ? vector_find(frame, message->in, message->in_count) : NULL;
    if (vector == NULL) {
        return;
    }
    size_bytes = smaller(frame->r2, vector->size_bytes);
    vector_advance(vector, size_bytes);
    frame->r0 = size_bytes;
}

void message_trap_write(struct spm_frame *frame)
{
    struct spm_message *message = request_find(frame);
    struct spm_buffer *vector;
    struct spm_buffer from;

    vector = (message != NULL) ? vector_find(frame, message->out, message->out_count) : NULL;
    if (vector == NULL) {
        return;
    }
    if (frame->r3 > vector->size_bytes) {
        panic_programmer_error(frame, RULE_OVERFLOW);
        return;
    }
    if (!memory_check_read(spm_current, frame->r2, frame->r3, &from)) {
        panic_programmer_error(frame, RULE_BUFFER);
        return;
    }
    memory_copy(vector, &from, frame->r3);
    vector_advance(vector, frame->r3);
}

void message_trap_set_rhandle(struct spm_frame *frame)
{
    struct spm_message *message = message_find(frame);

    if (message == NULL) {
        return;
    }
    if (message->connection == NULL) { /* FF-M 1.1: stateless services have none */
        panic_programmer_error(frame, RULE_MESSAGE);
        return;
    }
    message->connection->rhandle = (void *)frame->r1;
}
