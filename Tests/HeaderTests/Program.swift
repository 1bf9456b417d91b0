/// A C program that prints one line for each of its statements.
struct Program {
    let questions: Int
    let text: String

    init(_ statements: [String]) {
        questions = statements.count
        text =
            "#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n"
            + statements.joined(separator: "\n") + "\nreturn 0;\n}\n"
    }
}
