package cli

import "testing"

// What a merge queue asks for is planned for the branch that it merges into.
func TestMergeQueuesNameTheirBranch(t *testing.T) {
	for branch, want := range map[string]string{
		"gh-readonly-queue/main/pr-12-0123abcd": "main", "gh-readonly-queue/stabilize/1.0/pr-1-0123abcd": "stabilize/1.0",
		"gh-readonly-queue/a/pr-x/pr-1-0": "a/pr-x", "main": "", "feature/gh-readonly-queue/main/pr-1-0": "", "gh-readonly-queue/main": "",
	} {
		if got := queuedFor(branch); got != want {
			t.Errorf("%s is queued for %q, want %q", branch, got, want)
		}
	}
}
