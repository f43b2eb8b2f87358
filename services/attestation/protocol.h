/*
 * What travels between the attestation client stub and the service: types of psa_call().
 *
 * Shared by client.c and service.c.
 *   ATTESTATION_GET_TOKEN       in[0] challenge                  out[0] token
 *   ATTESTATION_GET_TOKEN_SIZE  in[0] challenge size, 32 bits    out[0] token size, 32 bits
 */
#ifndef BARTIZAN_ATTESTATION_PROTOCOL_H
#define BARTIZAN_ATTESTATION_PROTOCOL_H

#define ATTESTATION_GET_TOKEN      1
#define ATTESTATION_GET_TOKEN_SIZE 2

#endif
