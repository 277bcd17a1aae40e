package report

// words are those of a Message in one language.
type words struct {
	title                                                                     func(r Report, recovered bool) string
	commit, stage, cause, next, then, images, changes, merge, deployment, run string
	took, from, restored, replaced, reason, by, held                          string
	until                                                                     map[string]string // format: environment; by Hold.Until
	values                                                                    string            // format: number, repository, branch
}

func wordsOf(language string) words {
	if language == "ko" {
		return words{
			title: koreanTitle, commit: "커밋", stage: "실패한 단계", cause: "원인", next: "다음 할 일", then: "이어서", images: "이미지",
			changes: "바뀐 값", merge: "병합할 PR", deployment: "배포 커밋", run: "실행 기록", took: "소요 시간",
			from: "출처", restored: "되돌린 시점", replaced: "바뀌기 전", reason: "사유", by: "실행한 사람", held: "보류",
			until: map[string]string{
				"newer": "더 새로운 빌드를 릴리스할 때까지. 풀려면 ./ci/scripts/mage hold -env=%s -lift",
				"lift":  "직접 풀 때까지: ./ci/scripts/mage hold -env=%s -lift",
			},
			values: "%d개, %s@%s",
		}
	}
	return words{
		title: englishTitle, commit: "Commit", stage: "Failed stage", cause: "Cause", next: "Next", then: "Then", images: "Images",
		changes: "Values", merge: "To be merged", deployment: "Deployment commit", run: "Run", took: "Took",
		from: "From", restored: "Restored", replaced: "Replaced", reason: "Reason", by: "By", held: "Held",
		until: map[string]string{
			"newer": "until a newer build is released; to lift it: ./ci/scripts/mage hold -env=%s -lift",
			"lift":  "until it is lifted: ./ci/scripts/mage hold -env=%s -lift",
		},
		values: "%d in %s@%s",
	}
}

// messageMark stands before a title; chats show it in notifications, where colours do not.
func messageMark(o Outcome) string {
	switch o {
	case Done:
		return "✅ "
	case NothingToDo:
		return "☑️ "
	case Refused:
		return "⛔ "
	case Cancelled:
		return "⚪ "
	}
	return "❌ "
}

func englishTitle(r Report, recovered bool) string {
	if recovered {
		return messageMark(r.Outcome) + "recovered: " + headline(r)
	}
	return messageMark(r.Outcome) + headline(r)
}

// koreanTitle keeps names apart from the words around them, so that no particle depends on how a name ends.
func koreanTitle(r Report, recovered bool) string {
	title := messageMark(r.Outcome)
	if recovered {
		title += "복구: "
	}
	title += r.Service
	if r.Command == CommandPromote && r.From != nil {
		title += ": " + r.From.Environment
	}
	if r.Environment != "" {
		title += " → " + r.Environment
	}
	title += " " + koreanCommand(r)
	switch {
	case r.Outcome == Done && r.Proposed():
		return title + " PR 생성"
	case r.Outcome == Done && len(r.Proposals()) > 0:
		return title + " 완료, 일부는 PR 생성"
	case r.Outcome == Done:
		return title + " 완료"
	case r.Outcome == NothingToDo && r.Commit.SHA == "":
		return title + ": 변경 없음"
	case r.Outcome == NothingToDo:
		return title + ": 변경 없음 (이미 " + r.Commit.ShortSHA() + ")"
	case r.Outcome == Refused:
		return title + " 거부됨"
	case r.Outcome == Cancelled:
		return title + " 취소됨"
	}
	return title + " 실패"
}

func koreanCommand(r Report) string {
	switch r.Command {
	case CommandPromote:
		return "승격"
	case CommandRollback:
		return "롤백"
	case CommandHold:
		if r.Reason == "" {
			return "보류 해제"
		}
		return "보류"
	case CommandRelease:
		return "릴리스"
	case CommandBump:
		return "태그 반영"
	case CommandPush:
		return "이미지 푸시"
	case CommandBuild:
		return "이미지 빌드"
	case CommandWait:
		return "ArgoCD 대기"
	}
	return string(r.Command)
}
