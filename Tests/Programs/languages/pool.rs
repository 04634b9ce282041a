use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    println!("hello from Rust");
    let (send, receive) = mpsc::channel::<u64>();
    let receive = Arc::new(Mutex::new(receive));
    let total = Arc::new(Mutex::new(0u64));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let receive = receive.clone();
            let total = total.clone();
            thread::spawn(move || loop {
                let job = receive.lock().unwrap().recv();
                match job {
                    Ok(n) => *total.lock().unwrap() += (1..=n).fold(0u64, |a, x| a.wrapping_add(x * x)),
                    Err(_) => break,
                }
            })
        })
        .collect();
    for n in 0..1000 {
        send.send(n).unwrap();
    }
    drop(send);
    for worker in workers {
        worker.join().unwrap();
    }
    println!("total {}", total.lock().unwrap());
    let caught = std::panic::catch_unwind(|| panic!("a panic"));
    println!("caught {}", caught.is_err());
    std::process::exit(3);
}
