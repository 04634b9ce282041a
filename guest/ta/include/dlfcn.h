// Modules opened while the application runs, which are shared libraries named by UUID.
#ifndef DLFCN_H
#define DLFCN_H

#ifdef __cplusplus
extern "C" {
#endif

#define RTLD_NOW 2
#define RTLD_GLOBAL 0x100
#define RTLD_NODELETE 0x1000
#define RTLD_DEFAULT ((void *)0)

/// Opens a module by its UUID in text form; flags must be RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE; null when it fails. Null for the application itself.
void *dlopen(const char *name, int flags);
/// Nothing happens: modules stay.
int dlclose(void *handle);
/// Address of a symbol, or null.
void *dlsym(void *handle, const char *name);
/// Why the last of these failed, once; else null.
char *dlerror(void);

#ifdef __cplusplus
}
#endif

#endif
