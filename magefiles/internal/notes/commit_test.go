package notes_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// told returns the names of the changes of commits, in the order of the groups.
func told(commits ...notes.Commit) []string {
	var names []string
	for _, c := range (notes.Builder{}).Side(notes.History{Count: len(commits), Commits: commits}).All() {
		names = append(names, fmt.Sprintf("%s %s/%d", c.Name(), c.Title, c.Commits))
	}
	return names
}

func commit(sha commitid.ID, message string, parents ...commitid.ID) notes.Commit {
	return notes.Commit{SHA: sha, Message: message, Parents: parents}
}

func TestPullRequestIsOneChange(t *testing.T) {
	for name, test := range map[string]struct {
		commits []notes.Commit
		want    []string
	}{
		"a merged branch": {
			[]notes.Commit{commit("m", "Merge pull request #7 from acme/x\n\nList: faster", "a", "c"), commit("c", "two", "b"), commit("b", "one", "a")},
			[]string{"#7 List: faster/3"},
		},
		"a squash":        {[]notes.Commit{commit("s", "Faster (#12) (#13)", "a")}, []string{"#13 Faster (#12)/1"}},
		"a merged master": {[]notes.Commit{commit("m", "Merge branch 'main' into x", "b", "a"), commit("b", "one", "a0")}, []string{"m Merge branch 'main' into x/1", "b one/1"}},
		"a merged line of pull requests": {
			[]notes.Commit{commit("m", "Merge branch 'develop'", "a", "p"), commit("p", "Merge pull request #3 from a/b", "o", "q"), commit("q", "q", "o"), commit("o", "older", "a")},
			[]string{"#3 Merge pull request #3 from a/b/2", "o older/1"},
		},
		"one that both pull requests have": {
			[]notes.Commit{
				commit("m", "Merge pull request #2 from a/b", "n", "c"), commit("n", "Merge pull request #1 from a/c", "r", "d"), commit("d", "d", "c"),
				commit("c", "c", "r"),
			},
			[]string{"#2 Merge pull request #2 from a/b/1", "#1 Merge pull request #1 from a/c/3"},
		},
		"no number":  {[]notes.Commit{commit("s", "Fix (#0) and (#1234567890)", "a")}, []string{"s Fix (#0) and (#1234567890)/1"}},
		"no subject": {[]notes.Commit{commit("s", "", "a")}, []string{"s /1"}},
	} {
		if got := told(test.commits...); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// Whatever the history is like, each commit is counted once, but for merges that only bring others.
func TestEveryCommitIsToldOnce(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 1))
		commits := randomHistory(random)
		side := (notes.Builder{}).Side(notes.History{Count: len(commits) + 3, Commits: commits})
		sum, seen := 0, map[string]bool{}
		for _, c := range side.All() {
			if seen[string(c.Commit)] {
				t.Fatalf("seed %d: %s is told twice", seed, c.Commit)
			}
			seen[string(c.Commit)] = true
			sum += c.Commits
		}
		merges := 0
		for _, c := range commits {
			if len(c.Parents) > 1 && strings.HasPrefix(c.Message, "Merge branch") && !seen[string(c.SHA)] {
				merges++
			}
		}
		if sum > len(commits) || sum+merges < len(commits) || side.Omitted != 3 {
			t.Fatalf("seed %d: %d commits are told and at most %d merges left out, of %d", seed, sum, merges, len(commits))
		}
		for _, g := range side.Groups {
			if len(g.Changes) == 0 || !slices.IsSortedFunc(g.Changes, func(a, b notes.Change) int { return b.Time.Compare(a.Time) }) {
				t.Fatalf("seed %d: group %s is empty or not in order", seed, g.Category)
			}
		}
	}
}

// randomHistory is newest first; some parents are not in it, and some commits lead nowhere.
func randomHistory(random *rand.Rand) []notes.Commit {
	subjects := []string{"fix: a", "feat(x)!: b", "Merge branch 'x'", "Merge pull request #%d from a/b", "c (#%d)", "docs: d", ""}
	commits := make([]notes.Commit, 1+random.IntN(60))
	for i := range commits {
		message := subjects[random.IntN(len(subjects))]
		if strings.Contains(message, "%d") {
			message = fmt.Sprintf(message, i+1)
		}
		c := notes.Commit{SHA: commitid.ID(fmt.Sprintf("c%d", i)), Message: message, Time: time.Unix(int64(1000-i), 0)}
		for range random.IntN(4) {
			c.Parents = append(c.Parents, commitid.ID(fmt.Sprintf("c%d", i+1+random.IntN(12))))
		}
		commits[i] = c
	}
	return commits
}
