package targets_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// colleague is a commit that a person pushes to the deployment repository: another number of replicas, or a revert.
type colleague struct {
	environment string
	replicas    int  // for an edit
	reverts     bool // its parent's parent is what the values are again
}

var replicasOfCore = regexp.MustCompile(`replicas: \{core: \d+`)

// valuesPath is an environment's file.
func valuesPath(environment string) string {
	return strings.Replace(example.ValuesPath, "/stage/", "/"+environment+"/", 1)
}

// edit changes a value that nobody's release sets, on whatever the head is.
func (s *stream) edit(environment string) {
	s.mu.Lock()
	s.edits++
	c := colleague{environment: environment, replicas: 100 + s.edits}
	s.mu.Unlock()
	path := valuesPath(environment)
	for pushed := false; !pushed; {
		head, err := s.github.Head(example.Deployment, example.Branch)
		s.note(err)
		data, err := s.github.File(example.Deployment, head, path)
		s.note(err)
		edited := replicasOfCore.ReplaceAllString(string(data), fmt.Sprintf("replicas: {core: %d", c.replicas))
		index := filepath.Join(s.t.TempDir(), "index")
		s.bareGit(index, "", "read-tree", head)
		blob := s.bareGit("", edited, "hash-object", "-w", "--stdin")
		s.bareGit(index, "", "update-index", "--add", "--cacheinfo", "100644,"+blob+","+path)
		pushed = s.push(s.bareGit(index, "", "write-tree"), head, "scale core", c)
	}
}

// revert takes an operation's commit back, if that is still the newest.
func (s *stream) revert(o *operation) {
	head, err := s.github.Head(example.Deployment, example.Branch)
	s.note(err)
	if strings.Contains(s.bareGit("", "", "show", "-s", "--format=%B", head)+"\n", runURL(o)+"\n") {
		s.push(s.bareGit("", "", "rev-parse", head+"^^{tree}"), head, "Revert it", colleague{environment: o.environment, reverts: true})
	}
}

// push makes a commit and moves the branch, unless somebody was faster.
func (s *stream) push(tree, parent, message string, c colleague) bool {
	sha := s.bareGit("", message, "commit-tree", tree, "-p", parent)
	s.mu.Lock()
	s.colleagues[sha] = c
	s.mu.Unlock()
	cmd := exec.CommandContext(s.t.Context(), "git", "-C", s.bare, "update-ref", "refs/heads/"+example.Branch, sha, parent) //nolint:gosec // of this test
	return cmd.Run() == nil
}

// bareGit runs git in the deployment repository, as a person with an identity.
func (s *stream) bareGit(index, stdin string, args ...string) string {
	cmd := exec.CommandContext(s.t.Context(), "git", append([]string{"-C", s.bare}, args...)...) //nolint:gosec // of this test
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=Lee", "GIT_AUTHOR_EMAIL=lee@example.com",
		"GIT_COMMITTER_NAME=Lee", "GIT_COMMITTER_EMAIL=lee@example.com")
	if index != "" {
		cmd.Env = append(cmd.Env, "GIT_INDEX_FILE="+index)
	}
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		s.note(fmt.Errorf("running git %s: %w", strings.Join(args, " "), err))
	}
	return strings.TrimRight(string(out), "\n")
}
