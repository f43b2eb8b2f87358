/*
 * Floating point, partition 1 of two: see fp.inc.
 */
#include "psa_manifest/fp1.h"
#include "psa_manifest/sid.h"

#define FP_MAIN   fp1_main
#define FP_SIGNAL FF_FP1_SIGNAL
#define FP_OTHER  FF_FP2_HANDLE
#include "tests/qemu/ff/fp1/fp.inc"
