/* What the native proof sees of the manager's file-local state: insides.c. */
#ifndef HOST_SPM_INSIDES_H
#define HOST_SPM_INSIDES_H

#include "spm/spm.h"

/* All of it as at power-on. */
void insides_reset(void);

const struct spm_connection *insides_connection(uint32_t place);
uint32_t insides_opened(void);  /* bits of spm_irqs */
uint32_t insides_pending(void); /* the same */

#endif
