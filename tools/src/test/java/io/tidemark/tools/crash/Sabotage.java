package io.tidemark.tools.crash;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What {@link Saboteur} does to a class of a node when it is loaded. */
enum Sabotage {
    /** What is recorded counts as committed, so it is applied before it is durable. */
    APPLIED_BEFORE_DURABLE("journal.replication.Promises") {
        @Override
        ClassTransform transform(AtomicInteger changes) {
            return field("committable", "recorded", changes);
        }
    },
    /** A superblock that says so is stored and loaded all the same. */
    ORDER_UNCHECKED("journal.apply.Superblock") {
        @Override
        ClassTransform transform(AtomicInteger changes) {
            return body("checked", changes, code -> code.aload(0).areturn());
        }
    },
    /** Writes are answered as soon as they are appended. */
    ANSWERED_BEFORE_RECORDED("journal.replication.Promises") {
        @Override
        ClassTransform transform(AtomicInteger changes) {
            return field("answeredRecorded", "appended", changes);
        }
    },
    /** FLUSH and FUA are answered as soon as they are recorded. */
    FLUSHED_BEFORE_DURABLE("journal.replication.Promises") {
        @Override
        ClassTransform transform(AtomicInteger changes) {
            return body(
                    "answeredDurable",
                    changes,
                    code ->
                            code.aload(0)
                                    .invokevirtual(
                                            desc(),
                                            "answeredRecorded",
                                            MethodTypeDesc.of(ConstantDescs.CD_long))
                                    .lreturn());
        }
    },
    /** An entry whose payload is torn counts as whole. */
    TORN_TAIL_IGNORED("journal.log.EntryCursor") {
        @Override
        ClassTransform transform(AtomicInteger changes) {
            return calls(List.of("check"), "payloadCrc32c", changes, code -> computed(code.pop()));
        }
    },
    /** And so does the frame around it. */
    TORN_FRAME_IGNORED("journal.log.EntryCursor") {
        @Override
        ClassTransform transform(AtomicInteger changes) {
            return calls(
                    List.of("frameProblem"),
                    "checksum",
                    changes,
                    code -> computed(code.pop().pop()).l2i());
        }
    };

    private final String className;

    Sabotage(String className) {
        this.className = "io.tidemark." + className;
    }

    /** What to do with the class; counts what was changed. */
    abstract ClassTransform transform(AtomicInteger changes);

    /** As class files name it. */
    String internalName() {
        return className.replace('.', '/');
    }

    ClassDesc desc() {
        return ClassDesc.of(className);
    }

    /**
     * The class with the defect.
     *
     * @throws IllegalStateException if it does not have the code that is to be broken
     */
    byte[] apply(byte[] original, ClassLoader loader) {
        ClassFile classes =
                ClassFile.of(
                        ClassFile.ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(loader)));
        ClassModel model = classes.parse(original);
        AtomicInteger changes = new AtomicInteger();
        byte[] changed = classes.transformClass(model, transform(changes));
        if (changes.get() == 0) {
            throw new IllegalStateException(
                    "%s finds nothing to break in %s: has it been renamed?"
                            .formatted(this, className));
        }
        return changed;
    }

    /** Replaces a method by one that returns a field, a long. */
    ClassTransform field(String method, String field, AtomicInteger changes) {
        return body(
                method,
                changes,
                code -> code.aload(0).getfield(desc(), field, ConstantDescs.CD_long).lreturn());
    }

    /** The checksum of what is there, in place of what it should be. */
    CodeBuilder computed(CodeBuilder code) {
        ClassDesc crc = ClassDesc.of("java.util.zip.CRC32C");
        return code.aload(0)
                .getfield(desc(), "crc", crc)
                .invokevirtual(crc, "getValue", MethodTypeDesc.of(ConstantDescs.CD_long));
    }

    private static ClassTransform body(
            String method, AtomicInteger changes, Consumer<CodeBuilder> code) {
        return ClassTransform.transformingMethods(
                named(List.of(method)),
                (builder, element) -> {
                    if (element instanceof CodeModel) {
                        changes.incrementAndGet();
                        builder.withCode(code);
                    } else {
                        builder.with(element);
                    }
                });
    }

    /** Replaces the calls of a method, whatever its class, in some methods; each must have one. */
    private static ClassTransform calls(
            List<String> methods,
            String called,
            AtomicInteger changes,
            Consumer<CodeBuilder> instead) {
        CodeTransform code =
                (builder, element) -> {
                    if (element instanceof InvokeInstruction call
                            && call.name().equalsString(called)) {
                        changes.incrementAndGet();
                        instead.accept(builder);
                    } else {
                        builder.with(element);
                    }
                };
        return ClassTransform.transformingMethodBodies(named(methods), code);
    }

    private static Predicate<MethodModel> named(List<String> methods) {
        return method -> methods.contains(method.methodName().stringValue());
    }
}
