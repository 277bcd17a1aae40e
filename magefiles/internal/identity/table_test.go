package identity_test

import (
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// variant is a scene and what is done to it: `same` must not change the key, and `other` must.
type variant struct {
	make        func(s *scene)
	same, other map[string]func(s *scene)
	daemon      bool // only a daemon can tell the key
}

// zeros are a digest of nothing.
const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// dockerfile writes the Dockerfile; see scene.write.
func dockerfile(text string) func(*scene) {
	return func(s *scene) { s.write("Dockerfile", text) }
}

func write(name, text string) func(*scene) { return func(s *scene) { s.write(name, text) } }

// serve puts a file at the scene's address.
func serve(text string) func(*scene) { return func(*scene) { address.text.Store(&text) } }

func all(steps ...func(*scene)) func(*scene) {
	return func(s *scene) {
		for _, step := range steps {
			step(s)
		}
	}
}

func reduceImage(change func(*plan.Image)) func(*scene) { return func(s *scene) { change(&s.image) } }

func arg(name, value string) func(*scene) {
	return reduceImage(func(i *plan.Image) {
		args := map[string]string{name: value}
		for name, value := range i.Args {
			if args[name] == "" {
				args[name] = value
			}
		}
		i.Args = args
	})
}

// needing adds a component that the image needs, with its Dockerfile.
func needing(name, text string) func(*scene) {
	return func(s *scene) {
		s.write(name+".Dockerfile", text)
		s.image.Needs = append(s.image.Needs, plan.Image{Component: component.Name(name), Context: ".", Dockerfile: name + ".Dockerfile"})
	}
}

func onBase(name, content string, change func(*v1.Config)) func(*scene) {
	return func(s *scene) { s.base(name, content, change) }
}

// table is what identifies an image and what does not.
var table = map[string]variant{
	"plain": {
		make: all(onBase("base:1", "one", nil), write("a.txt", "a"), write("b.txt", "b"), dockerfile("FROM $BASE\nCOPY a.txt /a\nRUN true\n")),
		same: map[string]func(*scene){
			"comment and case":  dockerfile("# hello\nfrom $BASE AS last\ncopy   a.txt /a\nRUN true\n"),
			"file not copied":   write("b.txt", "B"),
			"time":              func(s *scene) { s.must(os.Chtimes(filepath.Join(s.root, "a.txt"), s.epoch, s.epoch)) },
			"mode 600":          func(s *scene) { s.must(os.Chmod(filepath.Join(s.root, "a.txt"), 0o600)) },
			"empty directory":   func(s *scene) { s.must(os.Mkdir(filepath.Join(s.root, "empty"), 0o755)) },
			"undeclared arg":    arg("X", "1"),
			"unused global arg": dockerfile("ARG X=1\nFROM $BASE\nCOPY a.txt /a\nRUN true\n"),
			"ignored file":      all(write(".dockerignore", "b.txt\n"), write("b.txt", "B")),
			"commit's labels": reduceImage(func(i *plan.Image) {
				i.Labels[plan.RevisionLabel] = "b2c3"
				i.Labels["org.opencontainers.image.created"], i.Labels["org.opencontainers.image.version"] = "now", "2"
			}),
			"proxy":        arg("HTTP_PROXY", "http://proxy"),
			"tag and name": reduceImage(func(i *plan.Image) { i.Tag, i.Repository = "other", refs.Repository("ghcr.io/acme/other") }),
		},
		other: map[string]func(*scene){
			"copied file":        write("a.txt", "A"),
			"x bit":              func(s *scene) { s.must(os.Chmod(filepath.Join(s.root, "a.txt"), 0o755)) },
			"link for a file":    func(s *scene) { s.link("b.txt", "a.txt") },
			"base":               onBase("base:1", "two", nil),
			"config of the base": onBase("base:1", "one", func(c *v1.Config) { c.User = "1" }),
			"step":               dockerfile("FROM $BASE\nCOPY a.txt /a\nRUN false\n"),
			"declared arg":       dockerfile("FROM $BASE\nARG X\nCOPY a.txt /a\nRUN true\n"),
			"label":              reduceImage(func(i *plan.Image) { i.Labels["team"] = "a" }),
			"own version": reduceImage(func(i *plan.Image) {
				i.Labels["org.opencontainers.image.version"] = "3"
				i.OwnLabels = map[string]string{"org.opencontainers.image.version": "3"}
			}),
			"platform":     reduceImage(func(i *plan.Image) { i.Platforms = []string{"linux/arm64"} }),
			"platforms":    reduceImage(func(i *plan.Image) { i.Platforms = []string{amd64, "linux/arm64"} }),
			"reproducible": reduceImage(func(i *plan.Image) { i.Reproducible = true }),
			"provenance":   reduceImage(func(i *plan.Image) { i.Provenance = "min" }),
		},
	},
	"mounts": {
		make: all(onBase("base:1", "one", nil), write("src/a", "a"), write("out", "o"), dockerfile("FROM $BASE\n"+
			"RUN --mount=type=bind,source=src,target=/s --mount=type=cache,target=/c --mount=type=secret,id=k --mount=type=tmpfs,target=/t --mount=type=ssh true\n")),
		same: map[string]func(*scene){"file beside": write("out", "O")},
		other: map[string]func(*scene){
			"bound file": write("src/a", "A"),
			"cache id": dockerfile("FROM $BASE\nRUN --mount=type=bind,source=src,target=/s --mount=type=cache,id=x,target=/c " +
				"--mount=type=secret,id=k --mount=type=tmpfs,target=/t --mount=type=ssh true\n"),
		},
	},
	"network": {
		make:  all(onBase("base:1", "one", nil), dockerfile("FROM $BASE\nRUN --network=none true\n")),
		other: map[string]func(*scene){"default": dockerfile("FROM $BASE\nRUN true\n")},
	},
	"two platforms": {
		make: all(onBase("base:1", "one", nil), write("a.txt", "a"), dockerfile("FROM $BASE\nARG TARGETARCH\nCOPY a.txt /$TARGETARCH\n"),
			reduceImage(func(i *plan.Image) { i.Platforms = []string{amd64, "linux/arm64"} })),
		same: map[string]func(*scene){"order": reduceImage(func(i *plan.Image) { i.Platforms = []string{"linux/arm64", amd64} })},
		other: map[string]func(*scene){
			"file": write("a.txt", "A"),
			"one":  reduceImage(func(i *plan.Image) { i.Platforms = []string{amd64} }),
		},
	},
	"cross": {
		make: all(onBase("base:1", "one", nil), dockerfile("FROM --platform=$BUILDPLATFORM $BASE AS b\nARG TARGETPLATFORM\nRUN true\nFROM scratch\nCOPY --from=b /base /b\n"),
			reduceImage(func(i *plan.Image) { i.Platforms = []string{"linux/arm64"} })),
		other: map[string]func(*scene){"target": reduceImage(func(i *plan.Image) { i.Platforms = []string{"linux/arm/v7"} })},
	},
	"stages": {
		make: all(onBase("base:1", "one", nil), write("a", "a"), write("b", "b"),
			dockerfile("FROM $BASE AS one\nCOPY a /a\nFROM $BASE AS two\nCOPY b /b\nFROM one AS last\nCOPY --from=two /b /c\n"),
			reduceImage(func(i *plan.Image) { i.Target = "one" })),
		same:  map[string]func(*scene){"other stage": write("b", "B")},
		other: map[string]func(*scene){"target": reduceImage(func(i *plan.Image) { i.Target = "last" }), "file": write("a", "A")},
	},
	"named like a base": {
		make:  all(onBase("base:1", "one", nil), write("a", "a"), dockerfile("FROM $BASE AS base\nCOPY a /a\nFROM base\n")),
		other: map[string]func(*scene){"file": write("a", "A")},
	},
	"args": {
		make:  all(onBase("base:1", "one", nil), dockerfile("ARG V=1\nFROM $BASE\nARG V\nARG W=w\nRUN true $V\n")),
		same:  map[string]func(*scene){"default said": arg("V", "1")},
		other: map[string]func(*scene){"value": arg("V", "2"), "of a step": arg("W", "x")},
	},
	"arg of the base": {
		make: all(onBase("base:1-amd64", "one", nil), onBase("base:1-arm64", "two", nil),
			dockerfile("ARG FROM=$BASE-${TARGETARCH:-none}\nFROM $FROM\n")),
		same:  map[string]func(*scene){"other base": onBase("base:1-arm64", "three", nil)},
		other: map[string]func(*scene){"base": onBase("base:1-amd64", "three", nil)},
	},
	"onbuild": {
		make: all(onBase("base:1", "one", func(c *v1.Config) { c.OnBuild = []string{"COPY late.txt /late", "RUN true"} }), write("late.txt", "a"), dockerfile("FROM $BASE\n")),
		other: map[string]func(*scene){
			"file":        write("late.txt", "A"),
			"instruction": onBase("base:1", "one", func(c *v1.Config) { c.OnBuild = []string{"COPY late.txt /late"} }),
		},
	},
	"everything": {
		make: all(write("a", "a"), write("d/b", "b"), write("ign/x", "x"), write("ign/keep", "k"), write(".dockerignore", "ign\n!ign/keep\n.dockerignore\n"),
			dockerfile("FROM scratch\nCOPY . /\n")),
		same:  map[string]func(*scene){"ignored": write("ign/x", "X"), "ignore file": write(".dockerignore", "ign\n!ign/keep\n.dockerignore\nnothing\n")},
		other: map[string]func(*scene){"kept": write("ign/keep", "K"), "new": write("d/c", "c"), "Dockerfile": dockerfile("FROM scratch\n#\nCOPY . /\n")},
	},
	"odd ignore file": {
		make:  all(write("build/libs/a.jar", "a"), write("b", "b"), write(".dockerignore", "*\n!build/libs\nbuild\n"), dockerfile("FROM scratch\nCOPY . /\n")),
		same:  map[string]func(*scene){"ignored": write("b", "B")},
		other: map[string]func(*scene){"file": write("build/libs/a.jar", "A")},
	},
	"nothing": {
		make:  dockerfile("FROM scratch\n"),
		other: map[string]func(*scene){"label": dockerfile("FROM scratch\nLABEL a=b\n"), "of the configuration": reduceImage(func(i *plan.Image) { i.Labels["a"] = "b" })},
	},
	"contexts": {
		make: all(onBase("base:1", "one", nil), write("lib/a", "a"), write("lib/b", "b"), write("lib/.dockerignore", "b\n"),
			dockerfile("FROM base\nCOPY --from=lib . /lib\n"),
			func(s *scene) {
				s.image.Contexts = map[string]string{"lib": "lib", "base": "docker-image://" + s.registry.Addr() + "/acme/base:1"}
			}),
		same:  map[string]func(*scene){"ignored there": write("lib/b", "B")},
		other: map[string]func(*scene){"file": write("lib/a", "A"), "base": onBase("base:1", "two", nil)},
	},
	"needs": {
		make: all(onBase("base:1", "one", nil), write("t", "t"), write("f", "f"), dockerfile("FROM base\nCOPY --from=tools /t /t\nRUN true\n"),
			needing("base", "FROM $BASE\nENV A=b\nLABEL from=base\nCOPY f /f\n"), needing("tools", "FROM scratch\nLABEL l=1\nCOPY t /t\n")),
		same: map[string]func(*scene){"label of what is copied from": write("tools.Dockerfile", "FROM scratch\nLABEL l=2\nCOPY t /t\n")},
		other: map[string]func(*scene){
			"file below FROM":  write("f", "F"),
			"file copied":      write("t", "T"),
			"label below FROM": func(s *scene) { s.write("base.Dockerfile", "FROM $BASE\nENV A=b\nLABEL from=other\nCOPY f /f\n") },
		},
	},
	"needs for two platforms": {
		make: all(onBase("base:1", "one", nil), write("f", "f"), dockerfile("FROM base\nRUN true\n"), needing("base", "FROM $BASE\nARG TARGETARCH\nCOPY f /$TARGETARCH\n"),
			reduceImage(func(i *plan.Image) { i.Platforms = []string{amd64, "linux/arm64"} })),
		other: map[string]func(*scene){"file": write("f", "F")},
	},
	"linked Dockerfile": {
		make: all(write("app/a", "a"), write("docker/web.Dockerfile", "FROM scratch\nCOPY a /a\n"), func(s *scene) {
			s.link("docker/web.Dockerfile", "Dockerfile")
			s.image.Context = "app"
		}),
		other: map[string]func(*scene){"target": write("docker/web.Dockerfile", "FROM scratch\nCOPY a /a\nLABEL fix=security\n"), "file": write("app/a", "A")},
	},
	"linked context": {
		make: all(write("services/app/a", "a"), write("services/lib/a", "a"), dockerfile("FROM scratch\nCOPY a /a\n"), func(s *scene) {
			s.link("services/app", "app")
			s.image.Context = "app"
		}),
		other: map[string]func(*scene){"file": write("services/app/a", "A")},
	},
	"links": {
		make: all(write("a", "a"), write("b", "b"), dockerfile("FROM scratch\nCOPY d /d\n"), func(s *scene) {
			s.write("d/x", "x")
			s.link("../a", "d/l")
		}),
		same:  map[string]func(*scene){"target outside": write("a", "A")},
		other: map[string]func(*scene){"target": func(s *scene) { s.link("../b", "d/l") }},
	},
	"heredocs": {
		make:  all(onBase("base:1", "one", nil), dockerfile("FROM $BASE\nCOPY <<EOF /f\none\nEOF\nRUN <<EOF\ntrue\nEOF\n")),
		other: map[string]func(*scene){"text": dockerfile("FROM $BASE\nCOPY <<EOF /f\ntwo\nEOF\nRUN <<EOF\ntrue\nEOF\n")},
	},
	"copy's options": {
		make: all(onBase("base:1", "one", nil), write("a", "a"), write("x.tar", "not really"),
			dockerfile("FROM $BASE\nCOPY --link --chmod=700 --chown=1:2 a /a\nADD x.tar /x\nCOPY --parents --exclude=*.md a /p/\n")),
		other: map[string]func(*scene){
			"mode": dockerfile("FROM $BASE\nCOPY --link --chmod=755 --chown=1:2 a /a\nADD x.tar /x\nCOPY --parents --exclude=*.md a /p/\n"),
			"file": write("x.tar", "X"),
		},
	},
	"instructions": {
		make: all(onBase("base:1", "one", nil), dockerfile("FROM $BASE\nWORKDIR /w\nENV A=b\nEXPOSE 80\nUSER 3\nVOLUME /v\nSTOPSIGNAL 9\nHEALTHCHECK CMD true\n"+
			"SHELL [\"/sh\"]\nENTRYPOINT [\"/e\"]\nCMD [\"c\"]\nONBUILD RUN true\nMAINTAINER m\n")),
		other: map[string]func(*scene){"command": dockerfile("FROM $BASE\nWORKDIR /w\nENV A=b\nEXPOSE 80\nUSER 3\nVOLUME /v\nSTOPSIGNAL 9\nHEALTHCHECK CMD true\n" +
			"SHELL [\"/sh\"]\nENTRYPOINT [\"/e\"]\nCMD [\"d\"]\nONBUILD RUN true\nMAINTAINER m\n")},
	},
	"epoch": {
		make:  all(onBase("base:1", "one", nil), dockerfile("FROM $BASE\nARG SOURCE_DATE_EPOCH\nRUN true\n")),
		same:  map[string]func(*scene){"comment": dockerfile("FROM $BASE\n# hello\nARG SOURCE_DATE_EPOCH\nRUN true\n")},
		other: map[string]func(*scene){"commit": func(s *scene) { s.epoch = s.epoch.AddDate(0, 0, 1) }},
	},
	"pinned base": {
		make: func(s *scene) {
			s.base("base:1", "one", nil)
			s.write("Dockerfile", "FROM $BASE@"+s.digest("base:1")+"\n")
		},
		same: map[string]func(*scene){
			"tag moved": onBase("base:1", "two", nil),
			"no tag": func(s *scene) {
				s.write("Dockerfile", "FROM "+s.registry.Addr()+"/acme/base@"+s.digest("base:1")+"\n")
			},
		},
	},
	"checksum": {
		make: dockerfile("FROM scratch\nADD --checksum=sha256:" + zeros + " http://127.0.0.1:9/f /f\n"),
		other: map[string]func(*scene){
			"other": dockerfile("FROM scratch\nADD --checksum=sha256:1" + zeros[1:] + " http://127.0.0.1:9/f /f\n"),
		},
	},
	"address": {
		make:   all(serve("one"), dockerfile("FROM scratch\nARG URL=$ADDRESS\nADD $URL /f\n")),
		same:   map[string]func(*scene){"comment": dockerfile("FROM scratch\n#\nARG URL=$ADDRESS\nADD $URL /f\n")},
		other:  map[string]func(*scene){"content": serve("two")},
		daemon: true,
	},
}
