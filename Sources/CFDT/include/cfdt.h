// The functions of libfdt that Skerry calls. <libfdt.h> itself is not imported into Swift, as it brings <stdlib.h> and with it types that then
// belong to this module instead of Glibc; cfdt.c compiles these declarations against it.
#ifndef SKERRY_CFDT_H
#define SKERRY_CFDT_H

#define FDT_CREATE_FLAG_NO_NAME_DEDUP 0x1
int fdt_create_with_flags(void *buf, int bufsize, unsigned flags);
int fdt_finish_reservemap(void *fdt);
int fdt_begin_node(void *fdt, const char *name);
int fdt_property(void *fdt, const char *name, const void *val, int len);
int fdt_end_node(void *fdt);
int fdt_finish(void *fdt);
int fdt_open_into(const void *fdt, void *buf, int bufsize);
int fdt_add_subnode(void *fdt, int parentoffset, const char *name);
int fdt_setprop(void *fdt, int nodeoffset, const char *name, const void *val, int len);
int fdt_pack(void *fdt);
const char *fdt_strerror(int errval);

int fdt_check_full(const void *fdt, unsigned long bufsize);
int fdt_path_offset(const void *fdt, const char *path);
int fdt_first_subnode(const void *fdt, int offset);
int fdt_next_subnode(const void *fdt, int offset);
const char *fdt_get_name(const void *fdt, int nodeoffset, int *lenp);
const void *fdt_getprop(const void *fdt, int nodeoffset, const char *name, int *lenp);

#endif
