package targets_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// editing is an application whose entry of deploy has another `set` and other keys beside it, over both of GitHub's interfaces.
func editing(t *testing.T, name, set string, run func(t *testing.T, a *application)) {
	t.Helper()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			a := newWorld(t).application(name)
			a.setTo(set)
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			a.commit("deploy in another way")
			run(t, a)
		})
	}
}

var setLine = regexp.MustCompile(`(?m)^      set: .*$`)

// setTo replaces the line of `set`, and may add keys below it.
func (a *application) setTo(set string) {
	a.t.Helper()
	text := readFile(a.t, a.dir+"/astrago.yaml")
	a.write("astrago.yaml", setLine.ReplaceAllLiteralString(text, "      set: "+set))
}

// TestAnotherApplicationsValue releases from a repository whose astrago.yaml was copied: it sets the other's value.
func TestAnotherApplicationsValue(t *testing.T) {
	t.Parallel()
	editing(t, "frontend", `'.shop.core.imageTag = "{{ .Tag }}"'`, func(t *testing.T, copied *application) {
		t.Helper()
		backend := copied.application("backend")
		backend.succeed("release", "-only=core")
		owned := backend.shortSHA()
		words := []string{"shop.core.imageTag", "belongs to backend (acme/backend)", "set it just now", "-force", "formerly"}
		for _, args := range [][]string{{"release"}, {"release", "-dryRun"}} {
			copied.refuse(3, words, args...)
		}
		if copied.pushed("frontend") {
			t.Error("an image was pushed that may not be deployed")
		}
		copied.wantTags(example.ValuesPath, "core-stage-"+owned)
		backend.succeed("status").says(t)

		copied.succeed("release", "-force")
		copied.wantMessage("deploy(stage): frontend "+copied.shortSHA()+" (forced)", "Astrago-Service: frontend", "Astrago-Forced: owner acme/backend@")
		status := backend.succeed("status", "-env=stage")
		if !strings.Contains(status.stdout, "set by frontend (acme/frontend)") || strings.Contains(status.stdout, "set by hand") {
			t.Errorf("status does not name the writer:\n%s", status.stdout)
		}
		backend.refuse(3, []string{"belongs to frontend (acme/frontend)"}, "release")
		backend.succeed("release", "-only=batch") // that is still its own
	})
}

// TestHoldOfARenamedApplication goes with it: what is held under one name stays held under another, until it is lifted there.
func TestHoldOfARenamedApplication(t *testing.T) {
	t.Parallel()
	editing(t, "frontend", `'.shop.frontend.imageTag = "{{ .Tag }}"'`, func(_ *testing.T, a *application) {
		a.succeed("release")
		a.succeed("hold", "-env=stage", "-reason=year-end closing")
		a.replace("astrago.yaml", "service: frontend", "service: web\nformerly: frontend")
		a.commit("rename it")
		a.refuse(3, []string{"frontend is held", "year-end closing"}, "release", "-dryRun")
		a.refuse(3, []string{"frontend is held", "year-end closing"}, "release")
		a.succeed("hold", "-env=stage", "-lift")
		a.succeed("release")
		a.wantTags(example.ValuesPath, "frontend-stage-"+a.shortSHA())
	})
}

// TestRenamedApplication has another service name than what is deployed was made under.
func TestRenamedApplication(t *testing.T) {
	t.Parallel()
	editing(t, "frontend", `'.shop.frontend.imageTag = "{{ .Tag }}"'`, func(_ *testing.T, a *application) {
		a.succeed("release")
		a.replace("astrago.yaml", "service: frontend", "service: web")
		a.commit("rename it")
		a.refuse(3, []string{"belongs to frontend (acme/frontend)", "formerly"}, "release")
		a.replace("astrago.yaml", "service: web", "service: web\nformerly: frontend")
		a.commit("say so")
		a.succeed("release")
		a.wantTags(example.ValuesPath, "frontend-stage-"+a.shortSHA())
	})
}

// TestOneValueOfSeveralComponents has one tag for all: no component can be released, promoted or rolled back alone.
func TestOneValueOfSeveralComponents(t *testing.T) {
	t.Parallel()
	editing(t, "backend", `'.global.imageTag = "{{ .Tag }}"'`, func(t *testing.T, a *application) {
		t.Helper()
		text := readFile(t, a.dir+"/astrago.yaml")
		image := "image: " + a.registry.Addr() + "/acme/backend\n"
		text = strings.Replace(text, image, "tag: '{{ .Environment }}-{{ .ShortSHA }}'\n", 1)
		for _, c := range []string{"core", "batch", "monitor"} {
			text = strings.Replace(text, "  "+c+": { ", "  "+c+": { image: "+a.registry.Addr()+"/acme/backend-"+c+", ", 1)
		}
		a.write("astrago.yaml", text)
		a.commit("one tag for all")
		a.put(map[string]string{example.ValuesPath: "global:\n  imageTag: stage-00000000\n"})
		first := a.next("first")
		a.wantMessage("core     stage-00000000 -> stage-"+first, "monitor  stage-00000000 -> stage-"+first)

		a.write("src/core.txt", "second")
		a.commit("second")
		together := []string{"it is the value of batch and monitor as well", "-only=core,batch,monitor"}
		for _, args := range [][]string{{"release", "-only=core"}, {"release", "-only=core", "-dryRun"}, {"rollback", "-only=core", "-reason=x"}} {
			if args[0] == "rollback" {
				a.succeed("release")
			}
			a.refuse(3, together, args...)
		}
		a.write("src/core.txt", "third")
		a.commit("third")
		released, _ := a.images("release", "-changedSince=HEAD~1")
		if len(released) != 3 {
			t.Errorf("-changedSince leaves components behind: %v", released)
		}
		a.wantMessage("Astrago-Image: core ", "Astrago-Image: batch ", "Astrago-Image: monitor ")
		a.succeed("hold", "-only=batch", "-reason=not now")
		a.write("src/core.txt", "fourth")
		a.commit("fourth")
		a.refuse(3, []string{"batch is held", "not now"}, "release")
	})
}

const kustomization = `images:
- name: shop/frontend
  newName: ghcr.io/acme/frontend
  newTag: frontend-stage-00000000   # 자동
  digest: sha256:` + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + `
`

// TestDigestBesideTheTag sets a kustomization's newTag beside a digest, which decides what runs.
func TestDigestBesideTheTag(t *testing.T) {
	t.Parallel()
	const tag = `(.images[] | select(.name == "shop/frontend") | .newTag) = "{{ .Tag }}"`
	editing(t, "frontend", `'`+tag+`'`, func(t *testing.T, a *application) {
		t.Helper()
		a.put(map[string]string{example.ValuesPath: kustomization})
		words := []string{example.ValuesPath + ":5", "the digest at images[0].digest would stay", "{{ .Digest }}"}
		a.refuse(3, words, "release", "-dryRun")
		a.refuse(3, words, "release")

		a.setTo(`['` + tag + `', '(.images[] | select(.name == "shop/frontend") | .digest) = "{{ .Digest }}"']`)
		a.commit("set the digest as well")
		a.succeed("release", "-dryRun").says(t, "sha256:…")
		first := a.releasedDigest()
		firstTag := a.shortSHA()
		want := strings.NewReplacer("frontend-stage-00000000", "frontend-stage-"+firstTag, "sha256:"+strings.Repeat("a", 64), first).Replace(kustomization)
		if got := a.values(); got != want {
			t.Errorf("the file is\n%s\nwant\n%s", got, want)
		}
		a.succeed("release").says(t, "nothing to do")
		a.write("src/style.css", "second { }")
		a.commit("second")
		if second := a.releasedDigest(); second == first || !strings.Contains(a.values(), second) {
			t.Errorf("the second release has %s:\n%s", second, a.values())
		}
		status := a.succeed("status", "-env=stage")
		if strings.Contains(status.stdout, "by hand") || !strings.Contains(status.stdout, "frontend-stage-"+a.shortSHA()) {
			t.Errorf("status:\n%s", status.stdout)
		}
		a.succeed("rollback", "-reason=looks wrong")
		if got := a.values(); got != want {
			t.Errorf("after the rollback the file is\n%s\nwant\n%s", got, want)
		}
	})
}

// releasedDigest releases, and gives the digest of the only image.
func (a *application) releasedDigest() string {
	a.t.Helper()
	released, _ := a.images("release", "-env=stage")
	return released["frontend"]
}

// TestWholeReferences has one scalar with everything: release, promotion and rollback read it back.
func TestWholeReferences(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			w := newWorld(t)
			a := w.withProd("frontend", "")
			a.setTo(`'.image = "{{ .Ref }}"'`)
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			a.commit("whole references")
			before := "image: " + a.registry.Addr() + "/acme/frontend:frontend-%s-00000000 # 전체\n"
			a.put(map[string]string{example.ValuesPath: fmt.Sprintf(before, "stage"), prodPath: fmt.Sprintf(before, "prod")})
			first := a.releasedDigest()
			a.wantTags(example.ValuesPath, "/acme/frontend:frontend-stage-"+a.shortSHA()+"@"+first+" # 전체")
			a.succeed("promote", "-env=prod")
			a.wantTags(prodPath, "/acme/frontend:frontend-prod-"+a.shortSHA()+"@"+first+" # 전체")
			older := a.shortSHA()
			a.write("src/style.css", "second { }")
			a.commit("second")
			a.succeed("release", "-env=stage")
			a.succeed("rollback", "-env=stage", "-reason=looks wrong")
			a.wantTags(example.ValuesPath, "/acme/frontend:frontend-stage-"+older+"@"+first)
			a.wantMessage("frontend  " + a.registry.Addr() + "/acme/frontend:frontend-stage-" + a.shortSHA() + "@sha256:")

			lost := strings.ReplaceAll(a.file(prodPath), first, "sha256:"+strings.Repeat("b", 64))
			a.put(map[string]string{example.ValuesPath: strings.ReplaceAll(lost, "-prod-", "-stage-")})
			a.refuse(3, []string{"names another image than the one that was deployed", strings.Repeat("b", 64), first}, "promote", "-env=prod")

			a.setTo(`'.image |= sub(":[^:@]+@", ":{{ .Tag }}@")'`)
			a.commit("keep the digest")
			a.refuse(3, []string{example.ValuesPath + ":1", "the digest of another image would stay behind the tag", "{{ .Ref }}"}, "release", "-env=stage", "-force")
		})
	}
}

// TestSetThatReachesNothing has a substitution that does not match one of three values: nothing is released.
func TestSetThatReachesNothing(t *testing.T) {
	t.Parallel()
	const sub = `'.shop.{{ .Component }}.image |= sub(":{{ .Component }}-{{ .Environment }}-.*$", ":{{ .Tag }}")'`
	editing(t, "backend", sub, func(t *testing.T, a *application) {
		t.Helper()
		values := "shop:\n  core: {image: \"r/b:core-one-0\"}\n  batch: {image: \"r/b:batch-dev-0\"}\n  monitor: {image: \"r/b:monitor-stage-0\"}\n"
		a.put(map[string]string{example.ValuesPath: values})
		for _, args := range [][]string{{"release", "-dryRun"}, {"release"}} {
			refused := a.refuse(3, []string{"shop.core.image", "shop.batch.image", "without the image's tag or digest"}, args...)
			if strings.Contains(refused.stderr, "shop.monitor.image") {
				t.Errorf("what matches is refused, too:\n%s", refused.stderr)
			}
		}
		a.setTo(`['.shop.{{ .Component }}.image |= sub(":.*$", ":{{ .Tag }}")', '.shop |= map(select(.name == "no-{{ .Component }}").tag = "{{ .Tag }}")']`)
		a.commit("the second reaches nothing")
		a.refuse(3, []string{"nothing in the file is set by it", `select(.name == "no-core")`}, "release")
		if a.values() != values || a.pushed("backend") {
			t.Errorf("something was done: %s", a.values())
		}
	})
}

// TestEntriesWithoutSomeComponents has a customer that lacks a component.
func TestEntriesWithoutSomeComponents(t *testing.T) {
	t.Parallel()
	editing(t, "backend", `'.shop.{{ .Component }}.imageTag = "{{ .Tag }}"'`, func(t *testing.T, a *application) {
		t.Helper()
		text := readFile(t, a.dir+"/astrago.yaml")
		_, entry, _ := strings.Cut(text, "    deploy:\n")
		entry = "      - " + strings.TrimSpace(strings.ReplaceAll(entry, "\n      ", "\n        ")) + "\n"
		small := strings.Replace(entry, "file: "+example.ValuesPath, "file: small.yaml\n        components: [core, batch]", 1)
		head, _, _ := strings.Cut(text, "    deploy:\n")
		a.write("astrago.yaml", head+"    deploy:\n"+entry+small)
		a.commit("a small customer")
		a.put(map[string]string{"small.yaml": "shop: {core: {imageTag: x}, batch: {imageTag: x}}\n"})
		first := a.next("first", "-force") // the values were set by hand just now, after that commit
		a.wantTags("small.yaml", "core-stage-"+first, "batch-stage-"+first)
		a.wantTags(example.ValuesPath, "monitor-stage-"+first)
		a.next("second")
		a.succeed("rollback", "-reason=x")
		a.wantTags("small.yaml", "core-stage-"+first)
		a.succeed("status")

		a.replace("astrago.yaml", "components: [core, batch]", "components: [core, bach]")
		a.refuse(2, []string{"astrago.yaml:", `"bach", which is not a component`, "batch"}, "plan")
		a.replace("astrago.yaml", "        components: [core, bach]\n", "")
		a.replace("astrago.yaml", `'.shop.{{ .Component }}.imageTag = "{{ .Tag }}"'`, `'{{ if ne .Component "monitor" }}.shop.{{ .Component }}.imageTag = "{{ .Tag }}"{{ end }}'`)
		a.refuse(2, []string{"astrago.yaml:", `gives nothing for the component "monitor"`, "components:"}, "plan")
	})
}

// TestAnchorOnPurpose sets a tag that aliases repeat.
func TestAnchorOnPurpose(t *testing.T) {
	t.Parallel()
	editing(t, "frontend", `'.global.tag = "{{ .Tag }}"'`, func(_ *testing.T, a *application) {
		a.put(map[string]string{example.ValuesPath: "global: {tag: &t frontend-stage-00000000}\nchart: {tag: *t}\nother:\n  tag: *t\n"})
		a.refuse(3, []string{"shared by an anchor", ".chart.tag (line 2), .other.tag (line 4)", "shared: true"}, "release")
		a.replace("astrago.yaml", "      file:", "      shared: true\n      file:")
		a.commit("on purpose")
		a.succeed("release", "-dryRun").says(a.t, "and .chart.tag (line 2)", "and .other.tag (line 4)")
		a.succeed("release")
		a.wantMessage("  and .chart.tag (line 2)", "  and .other.tag (line 4)")
		a.wantTags(example.ValuesPath, "&t frontend-stage-"+a.shortSHA()+"}\nchart: {tag: *t}")
	})
}

// TestFilesWithAProofOfTheirOwn edits beside a MAC of sops.
func TestFilesWithAProofOfTheirOwn(t *testing.T) {
	t.Parallel()
	editing(t, "frontend", `'.tag = "{{ .Tag }}"'`, func(t *testing.T, a *application) {
		t.Helper()
		const sealed = "tag: frontend-stage-00000000\npassword: ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:k=,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UQ==,type:str]\n"
		a.put(map[string]string{example.ValuesPath: sealed})
		a.refuse(3, []string{example.ValuesPath + ":1", "the MAC of sops", "mac_only_encrypted: true"}, "release")
		if a.pushed("frontend") {
			t.Error("an image was pushed that cannot be deployed")
		}
		a.put(map[string]string{example.ValuesPath: sealed + "  mac_only_encrypted: true\n"})
		a.succeed("release")
		a.wantTags(example.ValuesPath, "tag: frontend-stage-"+a.shortSHA()+"\npassword: ENC[AES256_GCM,data:Tr7o=")
	})
}
