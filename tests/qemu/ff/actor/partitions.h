/*
 * The partitions of the product ff by number: one digit or letter in scripts and commands.
 */
#ifndef FF_PARTITIONS_H
#define FF_PARTITIONS_H

#include "psa_manifest/pid.h"
#include "psa_manifest/sid.h"

/* number, partition, direct service. The legacy partition has no direct service: 0. */
#define FF_PARTITIONS(row)                                                                         \
    row(1, FF_HIGH_PARTITION, FF_HIGH_HANDLE) row(2, FF_MID1_PARTITION, FF_MID1_HANDLE)            \
        row(3, FF_MID2_PARTITION, FF_MID2_HANDLE) row(4, FF_LOW_PARTITION, FF_LOW_HANDLE) row(     \
            5, FF_ROT_PARTITION, FF_ROT_HANDLE) row(6, FF_LEGACY_PARTITION, PSA_NULL_HANDLE)       \
            row(7, FF_SLIH_PARTITION, FF_SLIH_HANDLE) row(8, FF_FLIH_PARTITION, FF_FLIH_HANDLE)    \
                row(9, FF_SERVER_PARTITION, FF_SERVER_HANDLE)                                      \
                    row(10, FF_CLIENT_PARTITION, FF_CLIENT_HANDLE)                                 \
                        row(11, FF_MAPPER_PARTITION, FF_MAPPER_HANDLE)                             \
                            row(12, FF_HEAP_PARTITION, FF_HEAP_HANDLE)                             \
                                row(13, FF_FP1_PARTITION, FF_FP1_HANDLE)                           \
                                    row(14, FF_FP2_PARTITION, FF_FP2_HANDLE)                       \
                                        row(15, FF_TRACE_PARTITION, FF_TRACE_HANDLE)               \
                                            row(16, FF_MID2_PARTITION, FF_MID2_OTHER_HANDLE)

#endif
