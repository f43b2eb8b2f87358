/*
 * The vault partition: runs its client's command as a client of its own.
 *
 * Called by the manager for each message on VAULT: in[0] struct command, out[0] struct answer.
 */
#include "psa/service.h"
#include "tests/qemu/vault/commands.h"

psa_status_t vault_sfn(const psa_msg_t *message);

psa_status_t vault_sfn(const psa_msg_t *message)
{
    static uint8_t buffer[512];
    struct command command;
    struct answer answer;

    if ((message->out_size[0] != sizeof(answer)) ||
        (psa_read(message->handle, 0U, &command, sizeof(command)) != sizeof(command))) {
        return PSA_ERROR_INVALID_ARGUMENT;
    }
    command_run(&command, buffer, sizeof(buffer), &answer);
    psa_write(message->handle, 0U, &answer, sizeof(answer));
    return PSA_SUCCESS;
}
