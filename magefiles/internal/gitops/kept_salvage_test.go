package gitops_test

import (
	"strings"
	"testing"
)

var keptRecord = "    - component: core\n      tag: core-stage-11111111\n      digest: sha256:" + strings.Repeat("00", 32) + "\n      source: " + secondSHA + "\n"

// salvages are the scenarios of records in an unreadable file of holds.
var salvages = []scenario{
	{name: "the lift of what nobody can read keeps the records", run: func(s *scene) {
		for name, file := range map[string]string{
			"holds of another form":   "holds: {core: true}\nkept:\n" + keptRecord,
			"records first":           "# by hand\nkept:\n" + keptRecord + "holds:\n- {component: core, until: Lift}\n",
			"a conflict in the holds": "holds:\n<<<<<<< ours\n    - component: core\n=======\n    - component: batch\n>>>>>>> theirs\nkept:\n" + keptRecord,
			"a list without indents":  "holds: [\nkept:\n" + strings.ReplaceAll(keptRecord, "    ", ""),
			"a key of tomorrow":       "kept:\n" + keptRecord + "      image: x\nholds:\n- {component: core, until: lift, strict: true}\n",
		} {
			s.push(map[string]string{holdPath: file})
			s.bump(s.lift("core"))
			snapshot := s.read(s.guarded(firstSHA).Deployment)
			if k, ok := snapshot.KeptAs("core", "core-stage-11111111"); !ok || k.Source != secondSHA || len(snapshot.Holds) > 0 || snapshot.CheckHolds() != nil {
				s.Errorf("%s: %+v, %v, %v", name, snapshot.Kept, snapshot.Holds, snapshot.CheckHolds())
			}
		}
	}},
	{name: "and loses none that it cannot read", run: func(s *scene) {
		for _, file := range []string{
			"holds: {core: true}\nkept:\n" + keptRecord + "    - component: batch\n      tag: batch-stage-11111111\n",
			"holds: []\nkept:\n" + keptRecord + "<<<<<<< ours\n" + strings.ReplaceAll(keptRecord, "core", "batch"),
			"{holds: [{component: core, until: never}], kept: [{component: core}]}\n",
			"holds: {core: true}\nkept: 5\n",
			"holds: {core: true}\n\"kept\": [\n",
		} {
			s.push(map[string]string{holdPath: file})
			s.refused(s.lift("core"), "records of what is kept would be lost", holdPath, "repair what stands below `kept:`")
			s.wantContent(holdPath, file)
		}
	}},
	{name: "a file without records is lifted, whatever it says of them", run: func(s *scene) {
		for _, file := range []string{"# kept: commits that were released\nholds: {core: true}\n", "holds: [\n", "<<<<<<<\n"} {
			s.push(map[string]string{holdPath: file})
			s.bump(s.lift("core"))
		}
	}},
}

func TestSalvage(t *testing.T) {
	for _, s := range salvages {
		t.Run(s.name, func(t *testing.T) { everywhere(t, s) })
	}
}
