package io.tidemark.perf.compare;

import io.tidemark.perf.load.Ledger;
import io.tidemark.perf.load.LoadGenerator;
import io.tidemark.perf.load.LoadResult;
import io.tidemark.perf.load.Verifier;
import io.tidemark.perf.load.Workload;
import io.tidemark.perf.peers.Candidate;
import io.tidemark.perf.peers.Candidates;
import io.tidemark.perf.peers.ProcessCost;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts the candidates, runs the plan, checks what they hold. Closing it stops what still runs.
 */
public final class Comparison implements AutoCloseable {
    private static final long SETTLE_STEP_MS = 100;
    private static final int SETTLE_STEPS = 50;

    /** A candidate that uses less of a core than this is at rest. */
    private static final double REST = 0.15;

    /** A running candidate and what its device must hold. */
    private record Contender(Candidate candidate, Ledger ledger) {}

    private final Plan plan;
    private final PrintWriter out;
    private final List<Contender> contenders = new ArrayList<>();
    private long runs;

    private Comparison(Plan plan, PrintWriter out) {
        this.plan = plan;
        this.out = out;
    }

    /**
     * Starts all candidates of the plan and fills their devices, so that nobody allocates blocks
     * while measured.
     */
    public static Comparison start(Plan plan, Candidates candidates, PrintWriter out)
            throws IOException, InterruptedException {
        Comparison comparison = new Comparison(plan, out);
        try {
            for (String name : plan.candidates()) {
                comparison.say("starting " + name);
                comparison.contenders.add(
                        new Contender(candidates.start(name), new Ledger(plan.sizeBytes())));
                comparison.fill(comparison.contenders.getLast());
            }
            return comparison;
        } catch (IOException | InterruptedException | RuntimeException e) {
            comparison.close();
            throw e;
        }
    }

    private void fill(Contender contender) throws IOException, InterruptedException {
        long requests = plan.sizeBytes() / Workload.FILL.requestBytes();
        generator(contender, Workload.FILL, 1).run(Long.MAX_VALUE / 2, requests);
        settle(contender.candidate());
    }

    /** Runs everything, then verifies and stops the candidates. */
    public Results run() throws IOException, InterruptedException {
        List<Sample> samples = new ArrayList<>();
        for (int round = 0; round <= plan.rounds(); round++) {
            say(round == 0 ? "warming up" : "round " + round + " of " + plan.rounds());
            for (Workload workload : plan.workloads()) {
                List<Contender> order = new ArrayList<>(contenders);
                Collections.rotate(order, round);
                for (Contender contender : order) {
                    Sample sample = run(round, workload, contender);
                    if (round > 0) {
                        samples.add(sample);
                    }
                }
            }
        }
        Map<String, String> descriptions = new LinkedHashMap<>();
        contenders.forEach(
                c -> descriptions.put(c.candidate().name(), c.candidate().description()));
        return new Results(plan, descriptions, samples, verify());
    }

    private Sample run(int round, Workload workload, Contender contender)
            throws IOException, InterruptedException {
        Candidate candidate = contender.candidate();
        ProcessCost before = ProcessCost.of(candidate.processes());
        LoadResult load;
        try {
            load =
                    generator(contender, workload, plan.connections())
                            .run(round == 0 ? plan.runNs() / 2 : plan.runNs(), plan.maxRequests());
        } catch (IOException e) {
            throw new IOException(
                    candidate.name() + " under " + workload.name() + ": " + e.getMessage(), e);
        }
        settle(candidate);
        return new Sample(
                round, candidate.name(), load, ProcessCost.of(candidate.processes()).minus(before));
    }

    private LoadGenerator generator(Contender contender, Workload workload, int connections) {
        Candidate candidate = contender.candidate();
        return new LoadGenerator(
                candidate.address(),
                candidate.export(),
                workload,
                contender.ledger(),
                connections,
                ++runs);
    }

    /** What a candidate has put off is its own cost, and must not slow down the next one. */
    private static void settle(Candidate candidate) throws InterruptedException {
        for (int i = 0; i < SETTLE_STEPS; i++) {
            long before = ProcessCost.of(candidate.processes()).cpuNs();
            Thread.sleep(SETTLE_STEP_MS);
            long used = ProcessCost.of(candidate.processes()).cpuNs() - before;
            if (used < REST * SETTLE_STEP_MS * 1e6) {
                return;
            }
        }
    }

    private List<String> verify() {
        say("verifying");
        List<String> damage = new ArrayList<>();
        for (Contender contender : contenders) {
            Candidate candidate = contender.candidate();
            try {
                Verifier.verify(candidate.address(), candidate.export(), contender.ledger());
                candidate.close();
                List<Path> copies = candidate.copies();
                for (Path copy : copies.subList(1, copies.size())) {
                    long difference = Files.mismatch(copies.getFirst(), copy);
                    if (difference >= 0) {
                        damage.add(
                                candidate.name() + ": the copies differ at offset " + difference);
                    }
                }
            } catch (IOException e) {
                damage.add(candidate.name() + ": " + e.getMessage());
            }
        }
        return damage;
    }

    private void say(String line) {
        out.println(line + " ...");
        out.flush();
    }

    @Override
    public void close() {
        contenders.forEach(contender -> contender.candidate().close());
    }
}
