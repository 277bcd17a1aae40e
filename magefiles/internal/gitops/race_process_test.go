package gitops_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// contestant holds the parameters of a process of a race.
type contestant struct {
	Race    race
	API     string
	Process int
}

// raceVariable makes this test binary a contestant.
const raceVariable = "DEPLOYMENT_TEST_CONTESTANT"

func TestMain(m *testing.M) {
	if text := os.Getenv(raceVariable); text != "" {
		os.Exit(contest(text))
	}
	os.Exit(m.Run())
}

// contest runs the writers of one process and prints how each bump ended.
func contest(text string) int {
	var c contestant
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var (
		mu    sync.Mutex
		group sync.WaitGroup
		out   = json.NewEncoder(os.Stdout)
	)
	for n := c.Process; n < c.Race.Writers; n += c.Race.Processes {
		group.Go(func() {
			c.Race.write(context.Background(), c.API, n, func(f finish) {
				mu.Lock()
				defer mu.Unlock()
				_ = out.Encode(f) // a line that is missing fails the race
			})
		})
	}
	group.Wait()
	return 0
}

// fork runs the writers in processes of their own.
func (r race) fork(t testing.TB, w *world) []finish {
	t.Helper()
	var (
		all   []finish
		mu    sync.Mutex
		group sync.WaitGroup
	)
	for p := range r.Processes {
		text, err := json.Marshal(contestant{Race: r, API: w.URL(), Process: p})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), raceVariable+"="+string(text))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
				var f finish
				if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
					t.Errorf("reading %q: %v", lines.Text(), err)
				}
				mu.Lock()
				all = append(all, f)
				mu.Unlock()
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v", p, err)
			}
		})
	}
	group.Wait()
	return all
}
