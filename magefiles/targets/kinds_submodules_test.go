package targets_test

import "testing"

// TestSubmodulesReachImages has the commit of a submodule count, and refuses one that is not there.
func TestSubmodulesReachImages(t *testing.T) {
	t.Parallel()
	withLibrary := (*sample).library
	kinds(t, map[string]kind{
		"context in a submodule": {
			keys: "context: lib/app, dockerfile: Dockerfile", dockerfile: copied, before: withLibrary, out: "/out", change: newLibrary,
		},
		"submodule as a context": {
			keys: "contexts: { l: lib }", dockerfile: "FROM BASE\nCOPY --from=l app/a.txt /out\n",
			before: withLibrary, out: "/out", change: newLibrary,
		},
		"submodule let in": {
			dockerfile: "FROM BASE\nCOPY lib/app/a.txt /out\n", files: map[string]string{".dockerignore": "*\n!lib/app\n"},
			before: withLibrary, out: "/out", change: newLibrary,
		},
		"submodule not checked out": {dockerfile: "FROM BASE\nCOPY lib /l\n", before: withLibrary, refused: "submodule", change: func(s *sample) {
			s.gitIn("", "submodule", "--quiet", "deinit", "--force", "lib")
			s.write("x", "x")
			s.commit("without it")
		}},
		"ignored file of a submodule": {dockerfile: "FROM BASE\nCOPY lib /s\n", out: "/s/x.o", before: func(s *sample) {
			s.library()
			s.write("lib/.gitignore", "*.o\n")
			s.gitIn("lib", "add", ".")
			s.gitIn("lib", "commit", "-q", "-m", "ignore")
			s.commit("ignored there")
			s.write("lib/x.o", "one")
		}, change: func(s *sample) {
			s.write("lib/x.o", "two")
			another(s)
		}},
		"nested submodule not checked out": {dockerfile: "FROM BASE\nCOPY lib /lib2\n", refused: "lib/inner", before: func(s *sample) {
			s.library()
			s.submodule("lib", "inner")
			s.gitIn("lib", "commit", "-q", "-m", "with one of its own")
			s.commit("a library in the library")
		}, change: func(s *sample) {
			s.gitIn("lib", "submodule", "--quiet", "deinit", "--force", "inner")
			another(s)
		}},
		"changed file of a submodule that git is to ignore": {
			dockerfile: "FROM BASE\nCOPY lib /s\n", before: ignoring("dirty"), refused: "lib", change: func(s *sample) {
				another(s)
				s.write("lib/app/a.txt", "local")
			},
		},
		"commit of a submodule that git is to ignore": {
			dockerfile: "FROM BASE\nCOPY lib /s\n", before: ignoring("all"), refused: "lib", change: func(s *sample) {
				another(s)
				s.replace("lib/app/a.txt", "one", "two")
				s.gitIn("lib", "commit", "-q", "-a", "-m", "two")
			},
		},
	})
}

// library adds a submodule lib with app/a.txt.
func (s *sample) library() {
	s.t.Helper()
	s.submodule("", "lib")
	s.commit("with a library")
}

// submodule adds one with app/a.txt to the repository in a folder.
func (s *sample) submodule(dir, name string) {
	s.t.Helper()
	origin := s.t.TempDir()
	lib := &sample{&application{world: s.world, dir: origin}}
	lib.write("app/a.txt", "one")
	lib.gitIn("", "init", "-q", "-b", "main")
	lib.gitIn("", "add", ".")
	lib.gitIn("", "commit", "-q", "-m", "one")
	s.gitIn(dir, "submodule", "--quiet", "add", origin, name)
}

// ignoring adds a library whose differences git is told to ignore.
func ignoring(what string) func(*sample) {
	return func(s *sample) {
		s.t.Helper()
		s.library()
		s.gitIn("", "config", "-f", ".gitmodules", "submodule.lib.ignore", what)
		s.commit("ignore")
	}
}

// newLibrary moves the submodule to a commit with "two".
func newLibrary(s *sample) {
	s.t.Helper()
	s.replace("lib/app/a.txt", "one", "two")
	s.gitIn("lib", "commit", "-q", "-a", "-m", "two")
	s.commit("a newer library")
}
