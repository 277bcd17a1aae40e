package targets_test

import (
	"strings"
	"testing"
)

// TestPreparedImages looks at what `prepare` is made from before it runs, and at what it made after.
func TestPreparedImages(t *testing.T) {
	t.Parallel()
	const made = "FROM BASE\nCOPY build/out.txt /out\n"
	const prepare = "prepare: { run: ['mkdir -p build && cat src/a.txt > build/out.txt'], ignore: ['docs/**'], env: [FLAVOUR] }\n"
	files := map[string]string{"src/a.txt": "one", "docs/a.md": "x", ".gitignore": "/build\n.env\n/.astrago\n"}
	fresh := func(s *sample) { s.git("clean", "-qfdx") }
	kinds(t, map[string]kind{
		"source": {top: prepare, dockerfile: made, files: files, out: "/out", change: two("src/a.txt")},
		"ignored document": {top: prepare, dockerfile: made, files: files, reused: true, change: func(s *sample) {
			fresh(s)
			s.write("docs/b.md", "x")
			s.commit("a word")
			if got := s.succeed("plan"); !strings.Contains(got.stdout, "retag") {
				s.t.Errorf("the plan says\n%s", got.stdout)
			}
		}},
		"the same made of another source": {top: prepare, dockerfile: made, files: files, reused: true, change: func(s *sample) {
			s.write("src/b.txt", "which is not compiled")
			s.commit("another source")
		}},
		"ignored document that is sent": {top: prepare, dockerfile: made + "COPY docs /docs\n", files: files, change: func(s *sample) {
			s.write("docs/b.md", "x")
			s.commit("a word")
		}},
		"variable": {
			top:        strings.Replace(prepare, "build/out.txt'", "build/out.txt && echo $FLAVOUR >> build/out.txt'", 1),
			dockerfile: made, files: files, out: "/out",
			before: func(s *sample) { s.env = []string{"FLAVOUR=plain"} }, change: func(s *sample) {
				fresh(s)
				s.env = []string{"FLAVOUR=two"}
				s.write("docs/b.md", "x")
				s.commit("a word")
			},
		},
		"ignored file that is sent": {
			top: prepare, dockerfile: "FROM BASE\nCOPY .env /out\n", files: files, out: "/out",
			before: func(s *sample) { s.write(".env", "one") }, change: func(s *sample) {
				s.write(".env", "two")
				s.write("docs/b.md", "x")
				s.commit("a word")
			},
		},
		"ignored file that is read": {
			top: strings.Replace(prepare, "cat src/a.txt", "cat conf/.env", 1), dockerfile: made, files: files, out: "/out",
			before: func(s *sample) { s.write("conf/.env", "one") }, change: func(s *sample) {
				fresh(s)
				s.write("conf/.env", "two")
				s.write("docs/b.md", "x")
				s.commit("a word")
			},
		},
		"changed tracked file": {
			top: strings.Replace(prepare, "cat src", "date +%N >> docs/a.md; cat src", 1), dockerfile: made, files: files,
			before: func(s *sample) { s.replace("astrago.yaml", "date +%N >> docs/a.md; ", ""); s.commit("make") }, refused: "docs/a.md",
			change: func(s *sample) {
				s.replace("astrago.yaml", "cat src/a", "date +%N >> docs/a.md; cat src/a")
				s.commit("changes what git has")
			},
		},
		"module that came later": {
			top: strings.Replace(prepare, "cat src/a.txt", "cat */a.txt", 1), dockerfile: made, files: files, out: "/out", change: func(s *sample) {
				s.write("later/a.txt", "x")
				s.commit("a module")
				s.succeed("release")
				fresh(s)
				s.write("later/a.txt", "two")
				s.commit("a fix in it")
			},
		},
		"file let in again": {
			top:        strings.Replace(prepare, "'docs/**'", "'docs/**', '!docs/a.md'", 1),
			dockerfile: made + "COPY src /s\n", files: files, change: func(s *sample) {
				fresh(s)
				s.write("docs/a.md", "y")
				s.commit("which is read")
				if got := s.succeed("plan"); !strings.Contains(got.stdout, "build") {
					s.t.Errorf("the plan says\n%s", got.stdout)
				}
			}, reused: true, // as it makes the same of it
		},
	})
}

// TestArchivesThatVary tells of what `prepare` makes anew in each run, where it was made of the same before.
func TestArchivesThatVary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sample(t, "varying", kind{
		dockerfile: "FROM BASE\nCOPY build/out.txt /out\n", files: map[string]string{"a.txt": "one", ".gitignore": "/build\n/.astrago\n"},
		top: "prepare: { run: ['mkdir -p build && date +%N > build/out.txt'], ignore: a.txt }\n",
	})
	s.replace("astrago.yaml", "components:\n", "components:\n  other: { dockerfile: other.Dockerfile }\n")
	s.write("other.Dockerfile", s.fill("FROM BASE\nCOPY a.txt /\n"))
	s.commit("two components")
	s.succeed("release", "-force")
	s.git("clean", "-qfdx")
	s.write("a.txt", "two") // which only the other one has
	s.commit("another")
	if got := s.succeed("release"); !strings.Contains(got.stderr, "app: `prepare` has made other files") {
		t.Errorf("the release says\n%s", got.stderr)
	}
}

// TestPrepareIgnoreThatMatchesNothing is wrong usage, with its place.
func TestPrepareIgnoreThatMatchesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.sample(t, "typo", kind{dockerfile: "FROM BASE\n", top: "prepare: { run: 'true', ignore: [Dockerfile, dcos] }\n"})
	s.refuse(2, []string{"astrago.yaml:5:", `"dcos"`, "as in .dockerignore"}, "plan")
	s.refuse(2, []string{`"dcos"`}, "release", "-force")
}

// TestInputsAreGone: a list of what counts goes stale, and what is in it is no longer asked for.
func TestInputsAreGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for what, keys := range map[string]string{"of a component": "inputs: ['Core/**', corr]", "empty": "inputs: []"} {
		s := w.sample(t, what, kind{dockerfile: "FROM BASE\n", keys: keys})
		s.refuse(2, []string{"astrago.yaml:", "inputs"}, "plan")
		s.refuse(2, []string{"inputs"}, "release", "-force")
	}
}
