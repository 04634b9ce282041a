#!/bin/bash
#: grants /opt/swift
#: needs gcc
#: slow
#: memory 4g
#: limit 400
#: ignores hello hello-static .cache*
# swiftc compiles and links a program with tasks; it runs.
export PATH=/opt/swift/usr/bin:$PATH
cat >hello.swift <<'END'
@main
struct Hello {
    static func main() async {
        let sum = await withTaskGroup(of: Int.self) { group in
            for i in 1...50 { group.addTask { i * i } }
            return await group.reduce(0, +)
        }
        print("hello", sum)
    }
}
END
swiftc -parse-as-library -module-cache-path .cache hello.swift -o hello 2>&1; echo $?
./hello; echo $?
printf 'let x: Int = "no"\n' >bad.swift; swiftc -module-cache-path .cache bad.swift 2>&1 | grep -c error:; echo "${PIPESTATUS[0]}"
rm -rf .cache*
