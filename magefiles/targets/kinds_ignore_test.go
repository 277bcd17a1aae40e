package targets_test

import (
	"strings"
	"testing"
)

// TestIgnoreFilesAreReadAsByBuildKit leaves out what it leaves out, and counts what it lets through, whatever others make of them.
func TestIgnoreFilesAreReadAsByBuildKit(t *testing.T) {
	t.Parallel()
	const all = "FROM BASE\nCOPY . /s\n"
	kinds(t, map[string]kind{
		"linked dockerignore": {keys: "context: svc", files: map[string]string{
			"svc/Dockerfile": all, ".dockerignore": "config\n", "svc/.dockerignore": "-> ../.dockerignore", "svc/config/app.yaml": "one",
		}, out: "/s/config/app.yaml", change: two("svc/config/app.yaml")},
		"linked dockerignore of a named context": {
			keys: "contexts: { svc: svc }", dockerfile: "FROM BASE\nCOPY --from=svc . /s\n", out: "/s/config/app.yaml",
			change: two("svc/config/app.yaml"),
			files:  map[string]string{"shared.ignore": "config\n", "svc/.dockerignore": "-> ../shared.ignore", "svc/config/app.yaml": "one"},
		},
		"linked dockerignore that hides": {dockerfile: all, reused: true, change: another, files: map[string]string{
			"cfg/ignore": "b.txt\n.git\n", "Dockerfile.dockerignore": "-> cfg/ignore",
		}},
		"dockerignore of the Dockerfile": {dockerfile: all, out: "/s/a.txt", change: two("a.txt"), files: map[string]string{
			"a.txt": "one", ".dockerignore": "a.txt\n", "Dockerfile.dockerignore": ".git\n",
		}},
		"dockerignore that lets in": {dockerfile: all, files: map[string]string{
			"a.txt": "x", ".dockerignore": "a.txt\n.git\n",
		}, change: func(s *sample) {
			s.write(".dockerignore", ".git\n")
			s.commit("let it in")
		}, after: func(s *sample) { s.holds("/s/a.txt", "x") }},
		"dockerignore that hides nothing more": {dockerfile: all, reused: true, files: map[string]string{
			".dockerignore": ".*\n",
		}, change: func(s *sample) {
			s.write(".dockerignore", ".*\n*.none\n")
			s.commit("a pattern")
		}},
		"file below an exception below an exclusion": {
			dockerfile: all, out: "/s/build/libs/app.jar", change: two("build/libs/app.jar"),
			files: map[string]string{"build/libs/app.jar": "one", ".dockerignore": "*\n!build/libs\nbuild\n"},
		},
		"allow-list beside an ignored directory": {dockerfile: all, reused: true, files: map[string]string{
			"src/a.txt": "x", ".dockerignore": "*\n!src\n", ".gitignore": "/node_modules\n/.astrago\n",
		}, change: dependencies},
		"unrelated exception beside an ignored directory": {dockerfile: all, reused: true, files: map[string]string{
			"README.md": "x", ".dockerignore": ".git*\n*.md\nb.txt\nnode_modules\n!README.md\n", ".gitignore": "/node_modules\n/.astrago\n",
		}, change: dependencies},
		"ignored directory that is not copied": {dockerfile: copied, reused: true, files: map[string]string{
			"a.txt": "one", ".gitignore": "/node_modules\n/.astrago\n",
		}, out: "/out", change: dependencies},
	})
}

// dependencies installs what git ignores, and commits a file that no image has.
func dependencies(s *sample) {
	s.t.Helper()
	s.write("node_modules/left/pad.js", "x")
	another(s)
}

// TestNoFolderOfOursIsCopied although the second build finds it there.
func TestNoFolderOfOursIsCopied(t *testing.T) {
	t.Parallel()
	s := newWorld(t).sample(t, "whole", kind{dockerfile: "FROM BASE\nCOPY . /s\n", files: map[string]string{"a.txt": "x"}})
	s.succeed("build")
	another(s)
	for _, command := range [][]string{{"build"}, {"push"}, {"release", "-force"}} {
		s.succeed(command...)
	}
	files := s.image()
	if files["/s/a.txt"].text != "x" {
		t.Errorf("the image has %v", files)
	}
	for path := range files {
		if strings.HasPrefix(path, "/s/.astrago") || strings.HasPrefix(path, "/s/dist") {
			t.Errorf("the image has %s", path)
		}
	}
}

// TestNameBeyondUTF8IsNamed, which BuildKit cannot send.
func TestNameBeyondUTF8IsNamed(t *testing.T) {
	t.Parallel()
	kinds(t, map[string]kind{"name": {
		dockerfile: "FROM BASE\nCOPY . /s\n", files: map[string]string{"a.txt": "x"}, code: 1, refused: `"caf\xe9.txt"`, change: func(s *sample) {
			s.write("caf\xe9.txt", "x")
			s.commit("Latin-1")
		},
	}})
}
