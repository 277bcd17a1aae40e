package targets_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// bumped is a commit of the deployment repository as git has it.
type bumped struct {
	sha, message string
	parents      []string
	files        []string
}

// commits reads what is new since the last quiet point, oldest first, and wants it to be a line.
func (s *stream) commits() []bumped {
	out, err := exec.CommandContext(s.t.Context(), "git", "-C", s.bare, "log", "--reverse", "--name-only", "--format=%x01%H%x02%P%x02%B%x02", //nolint:gosec // of this test
		s.history[len(s.history)-1].sha+".."+example.Branch).Output()
	s.must(err)
	var list []bumped
	parent := s.history[len(s.history)-1].sha
	for _, text := range strings.Split(string(out), "\x01")[1:] {
		fields := strings.Split(text, "\x02")
		c := bumped{sha: fields[0], parents: strings.Fields(fields[1]), message: fields[2], files: strings.Fields(fields[3])}
		if !slices.Equal(c.parents, []string{parent}) {
			s.t.Errorf("the history is no line: the parents of %s are %q, want %s", c.sha, c.parents, parent)
		}
		parent = c.sha
		list = append(list, c)
	}
	if head, err := s.github.Head(example.Deployment, example.Branch); err != nil || head != parent {
		s.t.Errorf("the head is %s, %v; the history leads to %s", head, err, parent)
	}
	return list
}

func (c bumped) trailers(key string) []string {
	var values []string
	for line := range strings.Lines(c.message) {
		if value, ok := strings.CutPrefix(line, key+": "); ok {
			values = append(values, strings.TrimSpace(value))
		}
	}
	return values
}

func runURL(o *operation) string {
	return fmt.Sprintf("Astrago-Run: https://github.com/%s/%s/actions/runs/%d", example.Owner, o.service, o.number)
}

// follow takes the model over a commit, where that is one that somebody may have made.
func (s *stream) follow(c bumped) bool {
	s.count("commits")
	if by, ok := s.colleagues[c.sha]; ok {
		s.history = append(s.history, s.afterColleague(c, by))
		return true
	}
	i := slices.IndexFunc(s.operations, func(o *operation) bool { return strings.Contains(c.message, runURL(o)+"\n") })
	if i < 0 {
		s.t.Errorf("nobody made the commit %s:\n%s", c.sha, c.message)
		return false
	}
	o := s.operations[i]
	var candidates []string
	for read := s.firstSeen(o); read < len(s.history); read++ {
		next, restored, v := s.history.outcome(o, read, len(s.history)-1)
		m := s.after(c, o, next, restored)
		if candidates = append(candidates, fmt.Sprintf("having read %.8s: %s, %s", s.history[read].sha, v, next)); v == changes && s.is(m) && s.says(c, m, read) {
			s.seeCommit(c, m, read)
			s.history = append(s.history, m)
			return true
		}
	}
	now := s.history[len(s.history)-1]
	s.t.Errorf("the commit %s is none that %s may make\nbefore: %s\nthe model: %s\n%s\n%s\nholds: %s", c.sha, o, now.units[o.unit],
		strings.Join(candidates, "\n  "), c.message, s.bareGit("", "", "show", c.sha), s.holdsAt(c.sha, o.unit))
	return false
}

// firstSeen is the head when the operation's first process began.
func (s *stream) firstSeen(o *operation) int {
	i := slices.IndexFunc(s.attempts, func(a *attempt) bool { return a.op == o })
	return s.index(s.attempts[i].first)
}

func (s *stream) index(sha string) int {
	return slices.IndexFunc(s.history, func(m moment) bool { return m.sha == sha })
}

// says holds the commit's trailers against what it does.
func (s *stream) says(c bumped, m moment, read int) bool {
	o := m.op
	if !slices.Equal(c.trailers("Astrago-Environment"), []string{o.environment}) || len(c.trailers("Astrago-Bump-Id")) != 1 {
		return false
	}
	if o.kind == promote && !slices.Equal(c.trailers("Astrago-Promoted"), []string{"stage " + example.Deployment + "@" + s.history[read].sha}) {
		return false
	}
	if o.kind == rollback && !slices.Equal(c.trailers("Astrago-Restored"), []string{s.history[m.restored].sha}) {
		return false
	}
	allowed := []string{valuesPath(o.environment), ".astrago/holds/" + o.environment + "/" + o.service + ".yaml"}
	return !slices.ContainsFunc(c.files, func(file string) bool { return !slices.Contains(allowed, file) }) && s.namesImages(c, m) &&
		s.saysKept(c, m, read)
}
