package internal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	uses   = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(\S.*)$`)
	pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	// ourOwn matches a template's calls of this repository: init and update write the submodule's commit in its place.
	ourOwn = regexp.MustCompile(`^(?:\./|xiilab/astrago-ci/\.github/workflows/(?:operate|release)\.yml@v\d)`)
)

// TestActionsArePinned reads every workflow, action and template: a tag of somebody else's can be moved.
func TestActionsArePinned(t *testing.T) {
	seen := 0
	for _, pattern := range []string{".github/workflows/*.yml", ".github/actions/*/action.yml", "templates/*/.github/workflows/*.yml"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range uses.FindAllStringSubmatch(string(data), -1) {
				seen++
				if !pinned.MatchString(match[1]) && !ourOwn.MatchString(match[1]) {
					t.Errorf("%s: %s is no commit with its version beside it", file, match[1])
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d actions were read", seen)
	}
}

// TestPinsAreRenewed reads Renovate's configuration: modules, actions, and what neither of the two names.
func TestPinsAreRenewed(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", ".github", "renovate.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		EnabledManagers []string
		IgnorePaths     []string
		CustomManagers  []struct{ ManagerFilePatterns, MatchStrings []string }
		PackageRules    []struct {
			MatchDatasources []string
			RangeStrategy    string
		}
	}
	if err := json.Unmarshal(data, &config); err != nil {
		t.Fatal(err)
	}
	managers := strings.Join(config.EnabledManagers, " ")
	if !strings.Contains(managers, "gomod") || !strings.Contains(managers, "github-actions") || strings.Contains(strings.Join(config.IgnorePaths, " "), "tools") {
		t.Errorf("renewed are %s but for %s", managers, config.IgnorePaths)
	}
	compiler := false
	for _, rule := range config.PackageRules {
		compiler = compiler || slices.Contains(rule.MatchDatasources, "golang-version") && rule.RangeStrategy == "bump"
	}
	if !compiler {
		t.Error("the Go of go.mod is renewed by nothing: Renovate leaves it as it is unless it is told otherwise")
	}
	for _, manager := range config.CustomManagers {
		for i, pattern := range manager.ManagerFilePatterns {
			name := strings.ReplaceAll(strings.Trim(pattern, "/^$"), `\`, "")
			text, err := os.ReadFile(filepath.Join("..", "..", name))
			if err != nil {
				t.Fatal(err)
			}
			if found, err := regexp.MatchString(strings.ReplaceAll(manager.MatchStrings[i], "(?<", "(?P<"), string(text)); err != nil || !found {
				t.Errorf("%s has nothing of %s, %v", name, manager.MatchStrings[i], err)
			}
		}
	}
}
