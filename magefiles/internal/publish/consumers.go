package publish

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/goccy/go-yaml"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Consumer is an application repository that has this one as a submodule.
type Consumer struct {
	Repository string   `yaml:"repository"` // owner/name
	Branch     string   `yaml:"branch"`     // that the pull request is for; main by default
	Path       string   `yaml:"path"`       // of the submodule; ci by default
	Labels     []string `yaml:"labels"`
	Reviewers  []string `yaml:"reviewers"` // logins, or organisation/team
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`)

// ParseConsumers reads .github/consumers.yaml. Unknown keys are errors.
func ParseConsumers(data []byte) ([]Consumer, error) {
	var file struct {
		Consumers []Consumer `yaml:"consumers"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, problem.New(problem.Usage, "correct it; its own comments show every key", "reading .github/consumers.yaml: %w", err)
	}
	for i := range file.Consumers {
		c := &file.Consumers[i]
		if !repositoryName.MatchString(c.Repository) {
			return nil, problem.New(problem.Usage, "write owner/name",
				"reading .github/consumers.yaml: %q of consumer %d is not a repository", c.Repository, i+1)
		}
		c.Branch, c.Path = cmp.Or(c.Branch, "main"), cmp.Or(c.Path, "ci")
	}
	return file.Consumers, nil
}

func (c Consumer) String() string { return fmt.Sprintf("%s@%s", c.Repository, c.Branch) }
