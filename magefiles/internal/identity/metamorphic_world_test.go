package identity_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// world is a random application: its repository, its images, and what is beside both.
type world struct {
	*scene
	seed   uint64
	random *rand.Rand
	lines  []string // of the Dockerfile
	file   string   // where it is
	need   []string // lines of the needed image's Dockerfile; nil: none
	base   string   // what it starts from
	module string   // directory of the submodule's own repository; "": none
	dir    string   // of the context
	built  bool     // `prepare` makes a file of the others
	flag   bool     // git does not tell all of the working tree
	eol    string   // ends of lines that a checkout writes; "": those of the commit
	counts int
}

const generatedFile = "out/all.txt" // of prepare, ignored by git

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	w := &world{scene: newScene(t), seed: seed, random: rand.New(rand.NewPCG(seed, seed))}
	w.git("init", "-q", "-b", "main")
	w.files()
	w.context()
	w.dockerfiles()
	w.commit()
	return w
}

// chance reports true one time in n.
func (w *world) chance(n int) bool { return w.random.IntN(n) == 0 }

func pick[T any](w *world, list ...T) T { return list[w.random.IntN(len(list))] }

func (w *world) git(args ...string) string {
	w.t.Helper()
	return gitIn(w.t, w.root, args...)
}

func gitIn(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return gitWith(t, dir, "", args...)
}

// gitWith is gitIn with a text on standard input.
func gitWith(t testing.TB, dir, text string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "protocol.file.allow=always", "-c", "gc.auto=0"}, args...)...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(text)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_AUTHOR_DATE=1700000000 +0000", "GIT_COMMITTER_DATE=1700000000 +0000")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit commits everything that git does not ignore.
func (w *world) commit() {
	if w.eol != "" && w.seed%4 != 0 { // in the others some files are not as a checkout writes them
		w.attributes(w.eol)
	}
	w.git("add", "-A")
	w.git("commit", "-q", "--allow-empty", "-m", "change")
	w.prepare()
}

// fresh is a text that no file has had.
func (w *world) fresh() string {
	w.counts++
	return fmt.Sprintf("%08d", w.random.IntN(90000000)+w.counts)
}

// files of the context, relative to it. All of them are in every world, so that every Dockerfile finds its own.
var contextFiles = []string{
	"a.txt", "b.txt", "bb.txt", "src/x", "src/y.md", "src/sub/z", "src/mit leer ü", composed, "docs/readme.md", "run.sh", "pair/p.txt", "pair/q.txt",
}

// One name in the two forms of Unicode, which a build tells apart.
const (
	composed   = "src/norm \u00e9"
	decomposed = "src/norm e\u0301"
)

func (w *world) files() {
	w.dir = pick(w, ".", ".", "app", "services/app")
	for _, name := range contextFiles {
		w.write(w.at(name), w.fresh()+"\n")
	}
	w.write("lib/l.txt", w.fresh())
	w.write("lib/ignored.txt", w.fresh())
	w.write("other.txt", w.fresh())
	w.must(os.Chmod(filepath.Join(w.root, w.at("run.sh")), 0o755))
	for name, target := range map[string]string{"src/l": "x", "src/d": "sub", "up": "src/x", "lnk": "pair"} {
		w.link(target, w.at(name))
	}
	if w.chance(3) {
		w.link(pick(w, "/etc/passwd", "nowhere", "../../other.txt"), w.at("src/out"))
	}
	w.write(".gitignore", "out/\n.env\n*.local\n")
	if w.chance(4) {
		w.attributes("crlf")
	}
	w.write(w.at(".env"), "A="+w.fresh())
	if w.built = w.chance(4); w.built {
		w.prepare()
	}
	if w.seed%6 == 3 {
		w.submodule()
	}
}

func (w *world) at(name string) string { return filepath.ToSlash(filepath.Join(w.dir, name)) }

// attributes changes what a checkout makes of files, and checks them out again.
func (w *world) attributes(eol string) {
	w.eol = eol
	w.write(".gitattributes", "*.md text eol="+eol+"\n")
	for _, name := range contextFiles {
		path := filepath.Join(w.root, w.at(name))
		if data, err := os.ReadFile(path); err == nil && strings.HasSuffix(name, ".md") {
			text := strings.ReplaceAll(string(data), "\r\n", "\n")
			if eol == "crlf" {
				text = strings.ReplaceAll(text, "\n", "\r\n")
			}
			w.must(os.WriteFile(path, []byte(text), 0o644))
		}
	}
}

func (w *world) submodule() {
	w.module = w.t.TempDir()
	gitIn(w.t, w.module, "init", "-q", "-b", "main")
	w.changeModule()
	w.git("submodule", "add", "-q", w.module, w.at("module"))
}

func (w *world) changeModule() {
	w.must(os.WriteFile(filepath.Join(w.module, "m.txt"), []byte(w.fresh()), 0o644))
	gitIn(w.t, w.module, "add", "-A")
	gitIn(w.t, w.module, "commit", "-q", "-m", "change")
}

// prepare is the application's command that makes files for the images.
func (w *world) prepare() {
	if w.built {
		prepareIn(w.t, filepath.Join(w.root, w.dir))
	}
}

func prepareIn(t testing.TB, dir string) {
	t.Helper()
	var all []byte
	for _, name := range []string{"src/x", "src/sub/z"} {
		data, err := os.ReadFile(filepath.Join(dir, name)) // it may be gone
		if err == nil {
			all = append(all, data...)
		}
	}
	path := filepath.Join(dir, filepath.FromSlash(generatedFile))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, all, 0o644); err != nil {
		t.Fatal(err)
	}
}

// context chooses how the image names its directories.
func (w *world) context() {
	w.image.Context = w.dir
	if w.dir != "." && w.chance(2) {
		w.link(w.dir, "linked")
		w.image.Context = "linked"
	}
	w.file = pick(w, "Dockerfile", "docker/core.Dockerfile", w.at("Dockerfile"))
	w.image.Dockerfile = w.file
	if w.chance(4) {
		w.image.Dockerfile = "linked.Dockerfile"
		w.link(w.file, "linked.Dockerfile")
	}
	switch w.random.IntN(5) { // .git has what differs between clones
	case 0:
		w.write(w.at(".dockerignore"), ".git\ndocs\n**/*.md\n.env\n")
	case 1:
		w.write(w.at(".dockerignore"), "*\n!src\n!*.txt\n!run.sh\n!up\n!pair\n!lnk\n!out\n!module\n")
	case 2:
		w.write(w.image.Dockerfile+".dockerignore", ".git\ndocs\n")
	default:
		if w.dir == "." || w.chance(2) {
			w.write(w.at(".dockerignore"), ".git\n")
		}
	}
	w.image.Contexts = map[string]string{"lib": "lib"}
	w.write("lib/.dockerignore", "ignored.txt\n")
	w.image.Args = map[string]string{"V": "2", "UNUSED": "1"}
	w.image.OwnLabels = map[string]string{"team": "a"}
	w.image.Labels = map[string]string{"team": "a", plan.RevisionLabel: "a1"}
}

// pushBase pushes the base image of the world.
func (w *world) pushBase(content string, change func(*v1.Config)) {
	w.scene.base("base:1", content, change)
}

// pushTools pushes an image that runs steps.
func (w *world) pushTools() {
	cache, err := os.UserCacheDir()
	w.must(err)
	binary, err := baseimage.Binary(w.t.Context(), filepath.Join(cache, "astrago-ci", "testkit"))
	w.must(err)
	image, err := baseimage.Image(binary)
	w.must(err)
	_, err = testkit.Push(w.t.Context(), w.registry.Addr()+"/acme/tools:1", image, "", "")
	w.must(err)
}

// writeDockerfiles writes the lines as they are now.
func (w *world) writeDockerfiles() {
	w.write(w.file, strings.Join(w.lines, "\n")+"\n")
	if w.need != nil {
		w.write("need.Dockerfile", strings.Join(w.need, "\n")+"\n")
	}
}

// present are the files of the context that are still there.
func (w *world) present() []string {
	return slices.DeleteFunc(slices.Clone(contextFiles), func(name string) bool {
		info, err := os.Lstat(filepath.Join(w.root, w.at(name)))
		return err != nil || !info.Mode().IsRegular()
	})
}

// tracked is a random one of them.
func (w *world) tracked() string { return pick(w, w.present()...) }
