package page

import "github.com/xiilab/astrago-ci/magefiles/internal/status"

// words are the texts of the page.
func words() map[string]bilingual {
	return map[string]bilingual{
		"title":       {"deployments", "배포 현황"},
		"matrix":      {"Components by environment", "환경별 컴포넌트"},
		"component":   {"Component", "컴포넌트"},
		"history":     {"Latest deployments", "최근 배포"},
		"none":        {"Nothing has been deployed by astrago-ci yet.", "아직 astrago-ci로 배포한 기록이 없습니다."},
		"generated":   {"Generated", "생성 시각"},
		"stale":       {"This page is old. What it shows may have changed.", "오래된 페이지입니다. 지금 상태와 다를 수 있습니다."},
		"language":    {"Language", "언어"},
		"reload":      {"Reload every 5 minutes", "5분마다 새로 고침"},
		"skip":        {"Skip to the table", "표로 건너뛰기"},
		"source":      {"built from", "원본 커밋"},
		"current":     {"up to date", "최신"},
		"behind":      {"behind", "뒤처짐"},
		"ahead":       {"not on the branch", "브랜치에 없음"},
		"behind?":     {"commits behind: not known", "뒤처진 커밋 수를 알 수 없음"},
		"deployed":    {"deployed", "배포"},
		"digest":      {"digest", "다이제스트"},
		"from":        {"from", "출처"},
		"held":        {"held", "보류됨"},
		"since":       {"since", "시작"},
		"until-newer": {"until a newer build is released", "새 빌드가 릴리스될 때까지"},
		"until-lift":  {"until it is lifted", "풀 때까지"},
		"absent":      {"not part of it", "해당 없음"},
		"no-tag":      {"no tag is known", "태그를 알 수 없음"},
		"forced":      {"forced", "강제"},
		"run":         {"run", "실행 기록"},
		"not-asked":   {"not asked", "조회 안 함"},
		"syncing":     {"syncing", "동기화 작업 중"},
		"branch":      {"branch", "브랜치"},
		"unreadable":  {"cannot be read", "읽을 수 없음"},
		"overall":     {"Overall", "전체"},
	}
}

// state names one of the states.
func state(s status.State) bilingual {
	switch s {
	case status.OK:
		return bilingual{"in order", "정상"}
	case status.Held:
		return bilingual{"held", "보류됨"}
	case status.Drifted:
		return bilingual{"drift", "불일치"}
	}
	return bilingual{"not known", "확인 불가"}
}

// kind names what a commit did.
func kind(k status.Kind) bilingual {
	switch k {
	case status.Release:
		return bilingual{"release", "릴리스"}
	case status.Promotion:
		return bilingual{"promotion", "승격"}
	case status.Rollback:
		return bilingual{"rollback", "롤백"}
	case status.HoldPut:
		return bilingual{"hold", "보류"}
	case status.HoldEnded:
		return bilingual{"hold lifted", "보류 해제"}
	}
	return bilingual{"by hand", "수동 변경"}
}

// drift says what does not fit together; what was expected and what is there stand beside it.
func drift(d status.Drift) bilingual {
	switch d.Kind {
	case status.HandEdit:
		return bilingual{"set by hand", "수동으로 변경됨"}
	case status.TagMoved:
		return bilingual{"the tag has moved in the registry", "레지스트리에서 태그가 옮겨짐"}
	case status.ImageGone:
		return bilingual{"the registry has no such image", "레지스트리에 이미지가 없음"}
	case status.OutOfSync:
		return bilingual{"what runs is not what the repository says", "실행 중인 상태가 저장소와 다름"}
	case status.NotLive:
		return bilingual{"this image does not run", "이미지가 실행되고 있지 않음"}
	}
	return bilingual{string(d.Kind), string(d.Kind)}
}

// argocd names ArgoCD's own words.
func argocd(word string) bilingual {
	korean := map[string]string{
		"Synced": "동기화됨", "OutOfSync": "동기화 안 됨", "Healthy": "정상", "Progressing": "진행 중", "Degraded": "비정상",
		"Suspended": "일시 중단", "Missing": "리소스 없음", "Unknown": "알 수 없음",
	}[word]
	if korean == "" {
		korean = word
	}
	return bilingual{word, korean}
}
