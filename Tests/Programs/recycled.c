// Memory that was given back and comes again: new mappings are empty, and what is written to one is seen in no other.
#include "probe.h"

#define MOST 64

struct range {
    unsigned char *start;
    size_t pages;
    unsigned char mark;
};

static struct range kept[MOST];
static int count;
static size_t dirty, foreign;

static struct range take(size_t pages, unsigned char mark) {
    unsigned char *start = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        printf("mmap: %s\n", error_name(errno));
        exit(1);
    }
    for (size_t page = 0; page < pages; page++) dirty += *(volatile unsigned long *)(start + page * 4096) != 0;
    memset(start, mark, pages * 4096);
    return (struct range){start, pages, mark};
}

static void check_all(void) {
    for (int i = 0; i < count; i++)
        for (size_t page = 0; page < kept[i].pages; page++) foreign += kept[i].start[page * 4096 + 8] != kept[i].mark;
}

static void give_back(int index) {
    munmap(kept[index].start, kept[index].pages * 4096);
    kept[index] = kept[--count];
}

int main(void) {
    section("two frames of 2 MiB change places");
    struct range both = take(1024, 1);
    munmap(both.start, 1024 * 4096);
    kept[count++] = take(512, 2);
    kept[count++] = take(512, 3);
    check_all();
    SHOW(dirty);
    SHOW(foreign);
    section("small pages where a large entry was");
    both = take(2691, 4);
    munmap(both.start, 2691 * 4096);
    kept[count++] = take(1764, 5);
    kept[count++] = take(541, 6);
    check_all();
    SHOW(dirty);
    SHOW(foreign);
    section("many sizes, some given back, some kept");
    unsigned long random = 12345;
    for (int round = 0; round < 60; round++) {
        random = random * 6364136223846793005UL + 1442695040888963407UL;
        size_t pages = 1 + (random >> 33) % 1500;
        kept[count++] = take(pages, (unsigned char)(round + 10));
        while (count > 12) give_back((int)((random >> 20) % (unsigned long)count));
        if (round % 20 == 19) check_all();
    }
    SHOW(dirty);
    SHOW(foreign);
    return 0;
}
