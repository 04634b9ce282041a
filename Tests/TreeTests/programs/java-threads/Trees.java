import java.util.ArrayList;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicLong;

public class Trees {
    static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    public static void main(String[] arguments) throws Exception {
        AtomicLong sum = new AtomicLong();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 50; i++) {
            int n = i;
            Thread thread = new Thread(() -> { for (int k = 0; k < 1000; k++) sum.addAndGet(n); });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        System.out.println(sum);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        var futures = new ArrayList<Future<Integer>>();
        for (int i = 0; i < 8; i++) {
            int n = i;
            futures.add(pool.submit(() -> run("sh", "-c", "exit " + n)));
        }
        for (var future : futures) System.out.print(future.get() + " ");
        System.out.println();
        pool.shutdown();
        System.out.println(pool.awaitTermination(10, TimeUnit.SECONDS));
        Process cat = new ProcessBuilder("tr", "a-z", "A-Z").start();
        try (var out = cat.getOutputStream()) { out.write("to the child\n".getBytes()); }
        System.out.print(new String(cat.getInputStream().readAllBytes()));
        Process sleeper = new ProcessBuilder("sleep", "30").start();
        sleeper.destroy();
        System.out.println(sleeper.waitFor());
        try { new ProcessBuilder("./missing").start(); } catch (java.io.IOException error) { System.out.println(error.getMessage()); }
        var queue = new SynchronousQueue<Integer>();
        Thread producer = new Thread(() -> { try { for (int i = 0; i < 100; i++) queue.put(i); } catch (InterruptedException error) { } });
        producer.start();
        int total = 0;
        for (int i = 0; i < 100; i++) total += queue.take();
        System.out.println(total);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
        System.exit(5);
    }
}
