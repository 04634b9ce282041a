// execve of files that look like programs: a good ELF header with random damage.
#include "hostile.h"

#include <elf.h>

int main(int argc, char **argv) {
    uint64_t s = seeded(argc, argv, 1);
    int rounds = argc > 2 ? atoi(argv[2]) : 200;
    static char image[8192];
    int self = open("/proc/self/exe", O_RDONLY);
    if (argc > 3) _exit(0);
    for (int round = 0; round < rounds; round++) {
        read(self, image, 0);
        pread(self, image, sizeof image, 0);
        uint64_t damage = 1 + next(&s) % 8;
        Elf64_Phdr *segments = (Elf64_Phdr *)(image + 64);
        for (uint64_t i = 0; i < damage; i++) {
            uint64_t values[] = {0, 1, -1, 0x7fffffffffffffff, 0x8000000000000000, 4096, 0x7ffffffff000, next(&s)};
            switch (next(&s) % 4) {
            case 0: image[next(&s) % 64] = next(&s); break;
            case 1: ((uint64_t *)&segments[next(&s) % 8])[next(&s) % 7] = values[next(&s) % 8]; break;
            case 2: image[64 + next(&s) % 512] = next(&s); break;
            case 3: segments[next(&s) % 8].p_type = next(&s) % 8; break;
            }
        }
        // The entry leads nowhere, so that what is accepted ends at once.
        ((Elf64_Ehdr *)image)->e_entry = round & 1 ? 0 : next(&s);
        int file = open("/tmp/damaged", O_RDWR | O_CREAT | O_TRUNC, 0700);
        write(file, image, next(&s) % 4 ? sizeof image : next(&s) % sizeof image);
        close(file);
        char *arguments[] = {"damaged", 0};
        execve("/tmp/damaged", arguments, 0);
    }
    _exit(0);
}
