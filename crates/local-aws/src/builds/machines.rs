//! The machines of fleets: how many of a fleet's builds run at a time, first come, first served.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::oneshot;

use crate::codebuild::Fleet;

/// The machines of all fleets, by the fleet's ARN.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machines {
    fleets: Arc<Mutex<HashMap<String, Use>>>,
}

#[derive(Debug, Default)]
struct Use {
    capacity: usize,
    used: usize,
    waiting: VecDeque<oneshot::Sender<Machine>>,
}

/// A machine that one build has.
#[derive(Debug)]
pub(crate) struct Machine {
    fleets: Arc<Mutex<HashMap<String, Use>>>,
    fleet: String,
}

impl Machines {
    /// Waits for a machine of the fleet.
    pub(super) async fn acquire(&self, fleet: &Fleet) -> Option<Machine> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut fleets = lock(&self.fleets);
            let machines = fleets.entry(fleet.arn.clone()).or_default();
            machines.capacity = fleet.capacity();
            machines.waiting.retain(|waiting| !waiting.is_closed());
            machines.waiting.push_back(sender);
        }
        self.hand_out(&fleet.arn);
        receiver.await.ok()
    }

    /// How many machines of the fleet builds have now.
    pub(crate) fn in_use(&self, fleet: &str) -> usize {
        lock(&self.fleets)
            .get(fleet)
            .map_or(0, |machines| machines.used)
    }

    /// Takes note that the fleet has more or fewer machines. No build loses its machine.
    pub(crate) fn resize(&self, fleet: &Fleet) {
        if let Some(machines) = lock(&self.fleets).get_mut(&fleet.arn) {
            machines.capacity = fleet.capacity();
        }
        self.hand_out(&fleet.arn);
    }

    /// Gives free machines to those that have waited longest.
    fn hand_out(&self, fleet: &str) {
        loop {
            let next = {
                let mut fleets = lock(&self.fleets);
                let Some(machines) = fleets.get_mut(fleet) else {
                    return;
                };
                if machines.used >= machines.capacity {
                    return;
                }
                let Some(next) = machines.waiting.pop_front() else {
                    if machines.used == 0 {
                        fleets.remove(fleet);
                    }
                    return;
                };
                machines.used += 1;
                next
            };
            // One that waits no longer gives its machine back when the result is dropped, outside
            // of the lock.
            let machine = Machine {
                fleets: Arc::clone(&self.fleets),
                fleet: fleet.to_owned(),
            };
            if let Err(mut machine) = next.send(machine) {
                machine.give_back();
            }
        }
    }
}

impl Machine {
    fn give_back(&mut self) {
        let fleet = std::mem::take(&mut self.fleet);
        if let Some(machines) = lock(&self.fleets).get_mut(&fleet) {
            machines.used = machines.used.saturating_sub(1);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if self.fleet.is_empty() {
            return;
        }
        let fleet = self.fleet.clone();
        self.give_back();
        let machines = Machines {
            fleets: Arc::clone(&self.fleets),
        };
        machines.hand_out(&fleet);
    }
}

fn lock(fleets: &Mutex<HashMap<String, Use>>) -> MutexGuard<'_, HashMap<String, Use>> {
    fleets.lock().unwrap_or_else(PoisonError::into_inner)
}
