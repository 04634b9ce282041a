// The rules of rename(2) and renameat2(2).
#include "probe.h"

static long renameat2_(const char *from, const char *to, unsigned flags) { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags); }

int main(void) {
    struct stat s;
    make_file("a", "a");
    make_file("b", "bb");
    CALL(rename("a", "c"));
    CALL(stat("a", &s));
    CALL(rename("c", "b"));
    show_file("b");
    CALL(rename("absent", "x"));
    CALL(rename("b", "absent/x"));
    CALL(rename("b", "b"));
    mkdir("d1", 0755);
    mkdir("d2", 0755);
    mkdir("d2/full", 0755);
    CALL(rename("b", "d1"));
    CALL(rename("d1", "b"));
    CALL(rename("d1", "d2"));
    CALL(rename("d2", "d1"));
    CALL(stat("d1/full", &s));
    CALL(rename("d1", "d1/full/inside"));
    CALL(rename("d1/full", "d1"));
    CALL(rename("b/", "x"));
    CALL(rename("b", "x/"));
    CALL(rename("d1/full", "moved/"));
    CALL(stat("moved", &s));
    CALL(rename("moved/.", "x"));
    CALL(rename("moved", ".."));
    CALL(rename("moved", "."));
    section("hard links to one file");
    CALL(link("b", "same"));
    CALL(rename("b", "same"));
    CALL(stat("b", &s));
    SHOW(s.st_nlink);
    section("flags");
    make_file("one", "1");
    make_file("two", "22");
    CALL(renameat2_("one", "two", RENAME_NOREPLACE));
    CALL(renameat2_("one", "three", RENAME_NOREPLACE));
    CALL(renameat2_("three", "two", RENAME_EXCHANGE));
    show_file("two");
    show_file("three");
    CALL(renameat2_("three", "absent", RENAME_EXCHANGE));
    CALL(renameat2_("three", "d1", RENAME_EXCHANGE));
    CALL(stat("three", &s));
    TRUTH(S_ISDIR(s.st_mode));
    show_file("d1");
    CALL(renameat2_("two", "x", RENAME_NOREPLACE | RENAME_EXCHANGE));
    CALL(renameat2_("two", "x", 0x100));
    section("an open file follows its name");
    make_file("old", "content");
    int fd = open("old", O_RDONLY);
    CALL(rename("old", "new"));
    char text[16] = {0};
    CALL(read(fd, text, 15));
    puts(text);
    section("a symbolic link is renamed itself");
    CALL(symlink("new", "link"));
    CALL(rename("link", "link2"));
    CALL(lstat("link2", &s));
    TRUTH(S_ISLNK(s.st_mode));
    CALL(rename("link2", "new"));
    CALL(lstat("new", &s));
    TRUTH(S_ISLNK(s.st_mode));
    CALL(stat("new", &s));
    return 0;
}
