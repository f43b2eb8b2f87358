/*
 * The rules of Internal Trusted Storage: who owns which asset, what write-once means, how large an
 * asset may be.
 *
 * Called by service.c with decoded requests; sits on lib/store. Knows no messages.
 */
#ifndef BARTIZAN_ITS_H
#define BARTIZAN_ITS_H

#include <stddef.h>
#include <stdint.h>

#include "psa/error.h"
#include "services/its/protocol.h"

/* An asset is named by the client that owns it and the client's own uid. */
struct its_name {
    int32_t client_id;
    uint64_t uid;
};

/* Mounts the store. A failure is kept and answered to every later call: the device starts all the
 * same. */
void its_mount(void);

/* The errors are those of psa_its_set(), _get(), _get_info() and _remove(); sizes in bytes. */
psa_status_t its_set(const struct its_name *name, const void *data, size_t length, uint32_t flags);
psa_status_t its_get(const struct its_name *name, size_t offset, void *buffer, size_t length,
                     size_t *actual);
psa_status_t its_get_info(const struct its_name *name, struct its_info *info);
psa_status_t its_remove(const struct its_name *name);

#endif
