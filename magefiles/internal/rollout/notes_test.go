package rollout

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// historyRun is a clone with commits, and a run in it.
type historyRun struct {
	*testing.T
	env    *cli.Env
	stderr *bytes.Buffer
	dir    string
}

func newHistoryRun(t *testing.T, environ ...string) *historyRun {
	t.Helper()
	a := &historyRun{T: t, stderr: &bytes.Buffer{}, dir: t.TempDir()}
	_, a.env = cli.Start(t.Context(), cli.Process{Dir: a.dir, Environ: environ, Stdout: a.stderr, Stderr: a.stderr}, cli.Command{Name: report.CommandPromote}, cli.Flags{})
	a.git("init", "-q", "-b", "main")
	a.env.Project.Root, a.env.Project.Commit = a.dir, git.Commit{Root: a.dir, Repository: "acme/shop", URL: "https://github.com/acme/shop"}
	a.env.Project.Config = &config.Config{Service: "shop", Notes: config.Notes{Links: []config.IssueLink{{Pattern: `BE-\d+`, URL: "https://jira.example.com/$0"}}}}
	run := a.env.Report
	run.Service, run.Environment = "shop", "prod"
	return a
}

func (a *historyRun) git(args ...string) string {
	a.Helper()
	args = append([]string{"-C", a.dir, "-c", "user.name=kim", "-c", "user.email=kim@example.com"}, args...)
	out, err := exec.CommandContext(a.Context(), "git", args...).Output()
	if err != nil {
		a.Fatalf("git %q: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func (a *historyRun) commit(message string) commitid.ID {
	a.Helper()
	a.git("commit", "-q", "--allow-empty", "-m", message)
	return commitid.ID(a.git("rev-parse", "HEAD"))
}

// Each way is listed in its place, with the configuration's links; an unknown one is reported as such, with its reason, and no notice.
func TestNotesTellEachWay(t *testing.T) {
	a := newHistoryRun(t)
	first, second := a.commit("first"), a.commit("fix: login BE-7")
	gone := commitid.ID(strings.Repeat("1234567890", 4))
	ways := []Way{
		{Components: []component.Name{"core"}, Base: first, Head: second},
		{Components: []component.Name{"batch"}, Base: second, Head: first[:12]},
		{Components: []component.Name{"web"}, Base: gone, Head: second},
		{Components: []component.Name{"cron"}, Head: second, Reason: "set by hand"},
		{Components: []component.Name{"mail"}, Base: "--output=x", Head: second},
	}
	n := ReadNotes(t.Context(), a.env, notes.Notes{From: "stage"}, ways).Notes()
	if n.Schema != notes.Schema || n.Application != "acme/shop" || n.Service != "shop" || n.Environment != "prod" || n.From != "stage" {
		t.Errorf("the notes are of %+v", n)
	}
	for i, want := range []notes.Relation{notes.Ahead, notes.Behind, notes.Unknown, notes.Unknown, notes.Unknown} {
		r := n.Ranges[i]
		if r.Relation != want || !reflect.DeepEqual(r.Components, ways[i].Components) || (r.Reason == "") == (want == notes.Unknown) || r.Brings.Groups == nil {
			t.Errorf("way %d is %+v", i, r)
		}
	}
	brought, back := n.Ranges[0].Brings.All(), n.Ranges[1].TakesBack.All()
	if len(brought) != 1 || brought[0].Title != "login BE-7" || len(brought[0].Issues) != 1 || brought[0].Issues[0].URL != "https://jira.example.com/BE-7" {
		t.Errorf("it brings %+v", brought)
	}
	if len(back) != 1 || back[0].Commit != second || n.Ranges[0].URL != "https://github.com/acme/shop/compare/"+string(first+"..."+second) {
		t.Errorf("it takes back %+v, %s", back, n.Ranges[0].URL)
	}
	if n.Ranges[3].Reason != "set by hand" || n.Ranges[3].URL != "" || a.stderr.Len() > 0 {
		t.Errorf("%+v, and people are told %q", n.Ranges[3], a.stderr)
	}
}

// A history is read up to a bound, and what was not read is counted.
func TestNotesOfALongHistory(t *testing.T) {
	a := newHistoryRun(t)
	first := a.commit("first")
	var stream strings.Builder
	stream.WriteString(string("reset refs/heads/main\nfrom " + first + "\n"))
	for range mostCommits + 51 {
		stream.WriteString("commit refs/heads/main\ncommitter kim <kim@example.com> 1700000000 +0000\ndata 4\nmore\n")
	}
	importing := exec.CommandContext(t.Context(), "git", "-C", a.dir, "fast-import", "--quiet", "--force")
	importing.Stdin = strings.NewReader(stream.String())
	if out, err := importing.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	side := ReadNotes(t.Context(), a.env, notes.Notes{}, []Way{{Base: first, Head: commitid.ID(a.git("rev-parse", "main"))}}).Notes().Ranges[0].Brings
	if side.Commits != mostCommits+51 || side.Omitted != 51 || len(side.All()) != mostCommits {
		t.Errorf("%d commits, %d of them omitted, %d changes", side.Commits, side.Omitted, len(side.All()))
	}
}

// What ends a run, or takes too long, leaves notes that say so: nothing fails, and each way has its range.
func TestNotesThatAreCutOff(t *testing.T) {
	a := newHistoryRun(t)
	first, second := a.commit("first"), a.commit("second")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errNotesTime)
	r := ReadNotes(ctx, a.env, notes.Notes{}, []Way{{Components: []component.Name{"core"}, Base: first, Head: second}})
	for range 2 {
		n := r.Notes()
		if len(n.Ranges) != 1 || n.Ranges[0].Relation != notes.Unknown || n.Ranges[0].Reason != "no answer within 20s" {
			t.Errorf("the notes are %+v", n)
		}
	}
	if (*NotesReader)(nil).Notes() != nil || (&Rollout{}).Notes() != nil {
		t.Error("a run that has begun no notes has some")
	}
}

// Labels that cannot be read yield one notice, and the changes are listed without.
func TestNotesWithoutLabels(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"message":"not today\u001b[31m"}`))
	}))
	t.Cleanup(server.Close)
	a := newHistoryRun(t, "GITHUB_API_URL="+server.URL, "GITHUB_TOKEN=github_pat_1")
	first, second := a.commit("first"), a.commit("tidy up (#12)")
	r := ReadNotes(t.Context(), a.env, notes.Notes{}, []Way{{Base: first, Head: second}, {Base: second, Head: first}})
	for range 2 {
		if changes := r.Notes().Ranges[0].Brings.All(); len(changes) != 1 || changes[0].PullRequest.Number != 12 || changes[0].PullRequest.Labels != nil {
			t.Errorf("it brings %+v", changes)
		}
	}
	told := a.stderr.String()
	if asked.Load() != 1 || strings.Count(told, "labels of pull requests are not known") != 1 || strings.Contains(told, "\x1b") {
		t.Errorf("after %d requests people are told %q", asked.Load(), told)
	}
}

// A pull request is asked for once, though several ways have it, and listed by its label.
func TestNotesByLabels(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/repos/acme/shop/pulls/12" || r.Header.Get("Authorization") != "Bearer github_pat_1" {
			t.Errorf("it asks for %s", r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"number":12,"labels":[{"name":"bug"}]}`))
	}))
	t.Cleanup(server.Close)
	a := newHistoryRun(t, "GITHUB_API_URL="+server.URL, "GITHUB_TOKEN=github_pat_1")
	first, second := a.commit("first"), a.commit("tidy up (#12)")
	n := ReadNotes(t.Context(), a.env, notes.Notes{}, []Way{{Base: first, Head: second}, {Base: second, Head: first}}).Notes()
	for _, side := range []notes.Side{n.Ranges[0].Brings, n.Ranges[1].TakesBack} {
		if len(side.Groups) != 1 || side.Groups[0].Category != notes.Fixes {
			t.Errorf("the groups are %+v", side.Groups)
		}
	}
	if asked.Load() != 1 || a.stderr.Len() > 0 {
		t.Errorf("%d requests, and people are told %q", asked.Load(), a.stderr)
	}
}

// A pattern that does not parse, which the configuration refuses, leaves notes without links.
func TestNotesWithoutLinks(t *testing.T) {
	a := newHistoryRun(t)
	first, second := a.commit("first"), a.commit("BE-7")
	a.env.Project.Config.Notes.Links[0].Pattern = "("
	changes := ReadNotes(t.Context(), a.env, notes.Notes{}, []Way{{Base: first, Head: second}}).Notes().Ranges[0].Brings.All()
	if len(changes) != 1 || len(changes[0].Issues) != 0 || !strings.Contains(a.stderr.String(), "keys of issues are not linked") {
		t.Errorf("%+v, and people are told %q", changes, a.stderr)
	}
}

// Components that go the same way are listed together.
func TestWaysAreJoined(t *testing.T) {
	var ways []Way
	for _, old := range []guard.Predecessor{
		{Components: []component.Name{"core"}, SHA: "a1", Ours: "b2"},
		{Components: []component.Name{"batch", "core"}, SHA: "a1", Ours: "b2"},
		{Components: []component.Name{"web"}, Ours: "b2"},
		{Components: []component.Name{"mail"}, SHA: "a1"},
	} {
		ways = addWay(ways, wayFrom(old))
	}
	want := []Way{
		{Components: []component.Name{"core", "batch"}, Base: "a1", Head: "b2"},
		{Components: []component.Name{"web"}, Head: "b2", Reason: "nothing tells which commit the deployed image is of"},
		{Components: []component.Name{"mail"}, Base: "a1", Reason: "nothing tells which commit the new image is of"},
	}
	if !reflect.DeepEqual(ways, want) {
		t.Errorf("the ways are %+v", ways)
	}
}
