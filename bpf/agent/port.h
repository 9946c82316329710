// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/* Finding and opening a virtio-serial port. */
#ifndef BPFLAB_PORT_H
#define BPFLAB_PORT_H

/* `name` is a path, or the name that the machine gave the port ("lab.0"). Waits some seconds for it
 * to appear; -errno. */
int port_open(const char *name);

#endif
