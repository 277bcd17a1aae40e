package targets_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExplanations holds what people read of each cause of a build against a golden file.
func TestExplanations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sample(t, "explained", kind{dockerfile: "FROM BASE\nCOPY a.txt /a\n", files: map[string]string{
		"a.txt": "one", "src/1.go": "1", "src/2.go": "2", "src/3.go": "3", "src/4.go": "4", "unused": "x",
		"many.Dockerfile": "FROM BASE\nCOPY src /src\n", "base.Dockerfile": "FROM REGISTRY/acme/explained-base:1\n",
		"arg.Dockerfile": "FROM BASE\nARG MODE=fast\nENV MODE=$MODE\n", "frontend.Dockerfile": "FROM BASE\nLABEL a=b\n",
		"step.Dockerfile": "FROM BASE\nRUN write /a one\n", "same.Dockerfile": "FROM BASE\nCOPY b.txt /b\n", "b.txt": "b",
	}})
	s.baseWith("explained-base:1", "one")
	more := ""
	for _, name := range []string{"many", "base", "arg", "frontend", "step", "same"} {
		more += "  " + name + ": { dockerfile: " + name + ".Dockerfile }\n"
	}
	s.replace("astrago.yaml", "environments:", more+"environments:")
	s.commit("each its own cause")
	before := s.causes()
	s.succeed("push", "-build")
	s.write("a.txt", "two")
	s.write("src/1.go", "changed")
	s.write("src/2.go", "changed")
	s.write("src/5.go", "new")
	s.must(os.Remove(filepath.Join(s.dir, "src", "4.go")))
	s.write("unused", "changed")
	s.baseWith("explained-base:1", "two")
	s.replace("arg.Dockerfile", "MODE=fast", "MODE=slow")
	s.replace("frontend.Dockerfile", "FROM", "# syntax=docker/dockerfile:1.99\nFROM")
	s.replace("step.Dockerfile", "one", "two")
	s.commit("all but one change")
	s.golden("explain.golden", "before the first release\n"+before+"\nafter a change of each\n"+s.causes())
}

// TestExplanationsOfPrepared: what `prepare` reads has a key of its own, before there is an exact one of what it makes.
func TestExplanationsOfPrepared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sample(t, "prepared", kind{
		top:        "prepare: { run: ['mkdir -p build && cat src/a.txt > build/out.txt'], ignore: ['docs/**'], env: [FLAVOUR] }\n",
		dockerfile: "FROM BASE\nCOPY build/out.txt /out\n", files: map[string]string{
			"src/a.txt": "one", "src/b.txt": "not read", "docs/a.md": "x", ".gitignore": "/build\n/.astrago\n",
		},
	})
	s.succeed("push", "-build")
	text := "after a push\n" + s.causes()
	s.git("clean", "-qfdx")
	s.write("docs/a.md", "changed")
	s.commit("an ignored document")
	text += "\nafter an ignored document\n" + s.causes()
	s.env = []string{"FLAVOUR=other"}
	text += "\nwith another variable\n" + s.causes()
	s.env = nil
	s.write("src/b.txt", "which makes the same")
	s.commit("a source")
	text += "\nafter a source\n" + s.causes()
	s.succeed("push", "-build")
	s.git("clean", "-qfdx")
	s.write("docs/a.md", "changed again")
	s.commit("another document")
	text += "\nafter its push and another document\n" + s.causes()
	s.golden("explain_prepared.golden", text)
}

// causes are what `plan -explain` says of each component, without what differs from run to run.
func (s *sample) causes() string {
	s.t.Helper()
	var plan struct {
		Images []struct {
			Component, Action, Why string
			Changes                []string
		}
	}
	s.must(json.Unmarshal([]byte(s.succeed("plan", "-explain", "-json").stdout), &plan))
	var b strings.Builder
	for _, image := range plan.Images {
		b.WriteString("  " + image.Component + ": " + image.Action + ": " + image.Why + "\n")
		for _, change := range image.Changes {
			b.WriteString("    " + change + "\n")
		}
	}
	return regexp.MustCompile(`\b[0-9a-f]{8}\b`).ReplaceAllString(strings.ReplaceAll(b.String(), s.registry.Addr(), "REGISTRY"), "COMMIT")
}

// golden holds a text against a file of testdata.
func (s *sample) golden(name, text string) {
	s.t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		s.must(os.WriteFile(path, []byte(text), 0o644))
	}
	if want := readFile(s.t, path); text != want {
		s.t.Errorf("the explanations are not those of %s (go test ./magefiles/targets -run TestExplanations -update):\n%s", path, text)
	}
}
