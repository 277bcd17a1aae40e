package publish_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish"
)

// remedies are those of all problems in an error.
func remedies(err error) (all []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, each := range joined.Unwrap() {
			all = append(all, remedies(each)...)
		}
		return all
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		all = append(all, p.Remedy)
	}
	return all
}

func TestParseConsumers(t *testing.T) {
	got, err := publish.ParseConsumers([]byte("consumers:\n- { repository: acme/backend }\n- { repository: acme/web, branch: dev, path: tools/ci }\n"))
	if err != nil || len(got) != 2 || got[0].Branch != "main" || got[0].Path != "ci" || got[1].Branch != "dev" || got[1].Path != "tools/ci" {
		t.Errorf("consumers %+v, %v", got, err)
	}
	for text, want := range map[string]string{
		"consumers: [{ repository: backend }]":                    `"backend" of consumer 1 is not a repository`,
		"consumers: [{ repository: acme/backend, brunch: main }]": "brunch",
	} {
		if _, err := publish.ParseConsumers([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestOurConsumers reads the file of this repository, and its examples.
func TestOurConsumers(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", ".github", "consumers.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publish.ParseConsumers(data); err != nil {
		t.Error(err)
	}
	_, examples, _ := strings.Cut(string(data), "consumers: []\n")
	got, err := publish.ParseConsumers([]byte("consumers:\n" + strings.ReplaceAll(examples, "#  ", "  ")))
	if err != nil || len(got) != 1 || len(got[0].Reviewers) != 2 {
		t.Errorf("the examples are %+v, %v", got, err)
	}
}
