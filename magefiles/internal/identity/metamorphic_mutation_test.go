package identity_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// mutation changes a world in one way. It reports false where the world has nothing of the kind.
type mutation struct {
	name string
	do   func(w *world) bool
	of   func(w *world) bool // worlds that have what it changes, and shall see it; nil: all
}

func always(do func(w *world)) func(*world) bool {
	return func(w *world) bool { do(w); return true }
}

// mutations are each as likely as the others.
var mutations = []mutation{
	{name: "edit a file", do: always(func(w *world) { w.write(w.at(w.tracked()), w.fresh()+"\n") })},
	{name: "edit a file of the same size and time", do: always(func(w *world) {
		name := filepath.Join(w.root, w.at(w.tracked()))
		old := time.Unix(1577836800, 0)
		text := w.fresh() + "\n"
		w.must(os.WriteFile(name, []byte(text), 0o644))
		w.must(os.Chtimes(name, old, old))
	})},
	{name: "edit beside the context", do: always(func(w *world) { w.write("other.txt", w.fresh()) })},
	{name: "edit a named context", do: always(func(w *world) { w.write("lib/"+pick(w, "l.txt", "ignored.txt"), w.fresh()) })},
	{name: "add a file", do: always(func(w *world) { w.write(w.at(pick(w, "src/new", "new", "docs/new", "c.txt")), w.fresh()) })},
	{name: "remove a file", do: func(w *world) bool {
		return os.Remove(filepath.Join(w.root, w.at(pick(w, "docs/readme.md", "src/y.md", "bb.txt")))) == nil
	}},
	{name: "rename a file", do: rename("src/y.md", "src/renamed.md")},
	{name: "make a file executable", do: always(func(w *world) { w.must(os.Chmod(filepath.Join(w.root, w.at(w.tracked())), 0o755)) })},
	{name: "turn a link", do: always(func(w *world) { w.link("y.md", w.at("src/l")) })},
	{name: "edit a link's target", do: always(func(w *world) { w.write(w.at("src/x"), w.fresh()) })},
	{name: "put a link for a file", do: always(func(w *world) { w.link("src/x", w.at("b.txt")) })},
	{name: "touch all", do: always(func(w *world) {
		for _, name := range w.present() {
			when := time.Unix(1600000000+int64(w.random.IntN(1000)), 0)
			w.must(os.Chtimes(filepath.Join(w.root, w.at(name)), when, when))
		}
	})},
	{name: "another umask", do: always(func(w *world) {
		for _, name := range w.present() {
			path := filepath.Join(w.root, w.at(name))
			info, err := os.Stat(path)
			w.must(err)
			w.must(os.Chmod(path, info.Mode()&0o700))
		}
		w.must(os.Chmod(filepath.Join(w.root, w.at("src")), 0o700))
	})},
	{name: "empty directory", do: always(func(w *world) { w.must(os.MkdirAll(filepath.Join(w.root, w.at("src/empty")), 0o755)) })},
	{name: "file that git ignores", do: always(func(w *world) { w.write(w.at(".env"), "A="+w.fresh()) })},
	{name: "comment", do: always(func(w *world) { w.lines = append(w.lines, "# "+w.fresh()); w.writeDockerfiles() })},
	{name: "white space and case", do: always(func(w *world) {
		for i, line := range w.lines {
			w.lines[i] = strings.Replace(line, "COPY ", "copy   ", 1)
		}
		w.writeDockerfiles()
	})},
	{name: "instruction", do: always(func(w *world) { w.lines = append(w.lines, "LABEL extra="+w.fresh()); w.writeDockerfiles() })},
	{name: "reorder", do: always(func(w *world) { slices.Reverse(w.lines[len(w.lines)-2:]); w.writeDockerfiles() })},
	{name: "argument", do: always(func(w *world) { w.image.Args = map[string]string{"V": w.fresh(), "UNUSED": "1"} })},
	{name: "argument that is not declared", do: always(func(w *world) { w.image.Args = map[string]string{"V": "2", "UNUSED": w.fresh()} })},
	{name: "label", do: always(func(w *world) {
		w.image.OwnLabels = map[string]string{"team": "b"}
		w.image.Labels = map[string]string{"team": "b", plan.RevisionLabel: "a1"}
	})},
	{name: "next commit", do: always(func(w *world) {
		w.image.Labels = map[string]string{"team": w.image.OwnLabels["team"], plan.RevisionLabel: w.fresh()}
	})},
	{name: "ignore file", do: func(w *world) bool { w.write(w.at(".dockerignore"), ".git\ndocs\nbb.txt\n"); return true }},
	{name: "ignore file that hides nothing more", do: func(w *world) bool {
		name := w.at(".dockerignore")
		data, err := os.ReadFile(filepath.Join(w.root, name))
		if err != nil {
			return false
		}
		w.write(name, string(data)+"not-there\n")
		return true
	}},
	{name: "attributes", do: always(func(w *world) { w.attributes(pick(w, "lf", "crlf")) })},
	{name: "base moved", do: always(func(w *world) { w.pushBase(w.fresh(), nil) }), of: func(w *world) bool {
		return w.base != "" && (w.base != "tools" || strings.Contains(strings.Join(w.lines, " "), "$BASE"))
	}},
	{name: "configuration of the base", do: always(func(w *world) {
		w.pushBase(w.fresh(), func(c *v1.Config) { c.Env = []string{"FROM_BASE=" + w.fresh()} })
	}), of: func(w *world) bool { return w.base == "plain" || w.base == "context" }},
	{name: "need", do: func(w *world) bool {
		w.need = append(w.need, pick(w, "COPY a.txt /a", "LABEL need="+w.fresh(), "# comment"))
		w.writeDockerfiles()
		return true
	}, of: func(w *world) bool { return w.need != nil }},
	{name: "submodule", do: always(func(w *world) {
		w.changeModule()
		w.git("-C", w.at("module"), "pull", "-q")
	}), of: hasModule},
	{name: "platform", do: func(w *world) bool {
		if w.base == "tools" {
			return false
		}
		w.image.Platforms = []string{"linux/arm64"}
		return true
	}},
	{name: "second file behind a link", do: always(func(w *world) { w.write(w.at("pair/q.txt"), w.fresh()) })},
	{name: "turn a link to a directory", do: always(func(w *world) {
		for _, name := range []string{"p.txt", "q.txt"} {
			w.write(w.at("pair/other/"+name), w.fresh())
		}
		w.link("pair/other", w.at("lnk"))
	})},
	{name: "case of a name", do: rename("src/y.md", "src/Y.md")},
	{name: "normal form of a name", do: rename(composed, decomposed)},
	{name: "objects in an alternate", do: always((*world).borrow)},
}

// rename has a file of the context under another name.
func rename(from, to string) func(*world) bool {
	return func(w *world) bool {
		return os.Rename(filepath.Join(w.root, w.at(from)), filepath.Join(w.root, w.at(to))) == nil
	}
}

func hasModule(w *world) bool { return w.module != "" }

// borrow has the objects so far in another place (gitrepository-layout(5), objects/info/alternates).
func (w *world) borrow() {
	objects := filepath.Join(w.root, ".git", "objects")
	away := filepath.Join(w.t.TempDir(), "objects")
	w.must(os.Rename(objects, away))
	w.write(".git/objects/info/alternates", away+"\n")
}

func (w *world) exists(name string) bool {
	_, err := os.Lstat(filepath.Join(w.root, filepath.FromSlash(name)))
	return err == nil
}
