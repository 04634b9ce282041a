extension Syscalls {
    /// Every area's list, one a line. An area lives in one file `Table+Area.swift` beside this one; its handlers in files named for the subject.
    package static let areas: [[SyscallEntry]] = [
        fileNamesTable,
        descriptorsTable,
        eventsTable,
        execTable,
        interprocessTable,
        memoryTable,
        policyTable,
        processesTable,
        refusedTable,
        signalsTable,
        threadsTable,
        socketsTable,
        timeTable,
    ]
}
