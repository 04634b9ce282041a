// Finds the vDSO as run times do (AT_SYSINFO_EHDR, PT_DYNAMIC, DT_HASH, symbol versions), calls every function of it, and compares with the system calls.
#define _GNU_SOURCE
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *image;
static const Elf64_Sym *symbols;
static const char *strings;
static const uint32_t *hash;
static const uint16_t *symbol_versions;
static const Elf64_Verdef *versions;

static void fail(const char *what) {
    printf("%s\n", what);
    exit(1);
}

static unsigned elf_hash(const char *name) {
    unsigned value = 0;
    for (; *name; name++) {
        value = (value << 4) + (unsigned char)*name;
        value ^= (value & 0xf0000000) >> 24;
        value &= 0x0fffffff;
    }
    return value;
}

static void find_tables(void) {
    image = (const char *)getauxval(AT_SYSINFO_EHDR);
    if (image == NULL) fail("no AT_SYSINFO_EHDR");
    const Elf64_Ehdr *header = (const void *)image;
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_type != ET_DYN) fail("not an ELF object");
    const Elf64_Phdr *segments = (const void *)(image + header->e_phoff);
    const Elf64_Dyn *dynamic = NULL;
    for (int index = 0; index < header->e_phnum; index++) {
        if (segments[index].p_type == PT_DYNAMIC) dynamic = (const void *)(image + segments[index].p_vaddr);
    }
    if (dynamic == NULL) fail("no PT_DYNAMIC");
    uint64_t name = 0;
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        const void *table = image + dynamic->d_un.d_ptr;
        switch (dynamic->d_tag) {
        case DT_STRTAB: strings = table; break;
        case DT_SYMTAB: symbols = table; break;
        case DT_HASH: hash = table; break;
        case DT_VERSYM: symbol_versions = table; break;
        case DT_VERDEF: versions = table; break;
        case DT_SONAME: name = dynamic->d_un.d_val; break;
        }
    }
    if (!strings || !symbols || !hash || !symbol_versions || !versions) fail("a dynamic table is missing");
    if (strcmp(strings + name, "linux-vdso.so.1") != 0) fail("wrong DT_SONAME");
}

static int version_matches(uint16_t index, const char *wanted) {
    const Elf64_Verdef *definition = versions;
    while (1) {
        const Elf64_Verdaux *names = (const void *)((const char *)definition + definition->vd_aux);
        if (elf_hash(strings + names->vda_name) != definition->vd_hash) fail("a version's hash is wrong");
        if (!(definition->vd_flags & VER_FLG_BASE) && definition->vd_ndx == (index & 0x7fff)) return strcmp(strings + names->vda_name, wanted) == 0;
        if (definition->vd_next == 0) return 0;
        definition = (const void *)((const char *)definition + definition->vd_next);
    }
}

static void *look_up(const char *name, int binding) {
    const uint32_t *buckets = hash + 2, *chain = buckets + hash[0];
    for (uint32_t index = buckets[elf_hash(name) % hash[0]]; index != STN_UNDEF; index = chain[index]) {
        const Elf64_Sym *symbol = &symbols[index];
        if (strcmp(strings + symbol->st_name, name) != 0) continue;
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || ELF64_ST_BIND(symbol->st_info) != binding) fail("wrong type or binding");
        if (symbol->st_shndx == SHN_UNDEF || !version_matches(symbol_versions[index], "LINUX_2.6")) fail("wrong version");
        return (void *)(image + symbol->st_value);
    }
    printf("%s: ", name);
    fail("not found");
    return NULL;
}

static int64_t nanoseconds(struct timespec time) { return time.tv_sec * 1000000000LL + time.tv_nsec; }

int main(void) {
    find_tables();
    static const char *const names[] = {"__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_clock_getres", "__vdso_getcpu"};
    void *found[5];
    for (int index = 0; index < 5; index++) {
        found[index] = look_up(names[index], STB_GLOBAL);
        if (look_up(names[index] + 7, STB_WEAK) != found[index]) fail("an alias leads elsewhere");
    }
    int (*read_clock)(clockid_t, struct timespec *) = found[0];
    int (*read_resolution)(clockid_t, struct timespec *) = found[3];
    for (clockid_t clock = -2; clock < 14; clock++) {
        struct timespec before = {0}, between = {0}, after = {0};
        long expected = syscall(SYS_clock_gettime, clock, &before) == 0 ? 0 : -1;
        long result = read_clock(clock, &between);
        syscall(SYS_clock_gettime, clock, &after);
        if ((result == 0) != (expected == 0)) fail("a clock is valid in one way only");
        if (result == 0 && (nanoseconds(before) > nanoseconds(between) || nanoseconds(between) > nanoseconds(after))) {
            printf("clock %d: %lld %lld %lld\n", clock, (long long)nanoseconds(before), (long long)nanoseconds(between), (long long)nanoseconds(after));
            fail("call and vDSO disagree");
        }
        struct timespec called = {0}, told = {0};
        if ((syscall(SYS_clock_getres, clock, &called) == 0) != (read_resolution(clock, &told) == 0)) fail("a resolution is there in one way only");
        if (nanoseconds(called) != nanoseconds(told)) fail("resolutions differ");
    }
    if (read_resolution(CLOCK_MONOTONIC, NULL) != 0) fail("clock_getres without a result");

    int (*read_day)(struct timeval *, struct timezone *) = found[1];
    struct timeval day;
    struct timezone zone = {1, 1};
    struct timespec now;
    if (read_day(&day, &zone) != 0 || zone.tz_minuteswest != 0 || zone.tz_dsttime != 0) fail("gettimeofday");
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t distance = nanoseconds(now) / 1000 - (day.tv_sec * 1000000LL + day.tv_usec);
    if (day.tv_usec < 0 || day.tv_usec > 999999 || distance < 0 || distance > 60000000) fail("gettimeofday is off");
    if (read_day(NULL, NULL) != 0 || read_day(NULL, &zone) != 0) fail("gettimeofday without a result");

    time_t (*read_seconds)(time_t *) = found[2];
    time_t stored = 0, seconds = read_seconds(&stored);
    if (seconds != stored || seconds < now.tv_sec || read_seconds(NULL) < seconds) fail("time");

    long (*read_processor)(unsigned *, unsigned *, void *) = found[4];
    unsigned processor = ~0u, node = ~0u;
    if (read_processor(&processor, &node, NULL) != 0 || processor == ~0u || node == ~0u) fail("getcpu");
    puts("vdso");
    return 0;
}
