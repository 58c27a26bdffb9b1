# SPDX-License-Identifier: GPL-2.0
# bash completion for kvmeter: options come from the tool's own --help.

_kvmeter_vms() {
	kvmeter list --csv 2>/dev/null | awk -F, 'NR > 1 { print $1; if ($2 != "") print $2 }'
}

_kvmeter() {
	local cur prev verb words_=
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	verb=${COMP_WORDS[1]-}

	if [ "$COMP_CWORD" -eq 1 ]; then
		words_="$(kvmeter --help 2>/dev/null | awk '/^  / { print $1 }') --help --version"
	else
		case $prev in
		--vm)
			words_=$(_kvmeter_vms)
			;;
		--groups | -g)
			words_="price adjust budget alert lifecycle"
			;;
		--shadow)
			words_="observe elastic guard"
			;;
		--action)
			words_="floor pause"
			;;
		--pace | --contended-only)
			words_="on off"
			;;
		--sort)
			words_="cpu surprise grant price memory network disk exits name id"
			;;
		--output | -o | --model | -m | --params | --replay | --out | --svg)
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			return
			;;
		--resource | -r)
			words_="cpu memory network disk exits"
			;;
		*)
			case $cur in
			-*)
				words_=$(kvmeter "$verb" --help 2>/dev/null | grep -o -- '--[a-z-]*')
				;;
			*)
				case $verb in
				policy)
					words_=$(_kvmeter_vms)
					[ "$COMP_CWORD" -eq 2 ] && words_+=" default"
					[ "$COMP_CWORD" -eq 3 ] && words_="observe elastic guard"
					;;
				budget | tariff)
					words_="$(_kvmeter_vms) default"
					;;
				model)
					[ "$COMP_CWORD" -eq 2 ] && words_="load show clear"
					[ "$COMP_CWORD" -gt 2 ] && mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return
					;;
				profile)
					[ "$COMP_CWORD" -eq 2 ] && words_="show export import reset $(_kvmeter_vms)"
					[ "$COMP_CWORD" -eq 3 ] && words_=$(_kvmeter_vms)
					if [ "$COMP_CWORD" -gt 3 ]; then
						mapfile -t COMPREPLY < <(compgen -f -- "$cur")
						return
					fi
					;;
				replay | train)
					mapfile -t COMPREPLY < <(compgen -f -- "$cur")
					return
					;;
				bind | unbind)
					[ "$COMP_CWORD" -eq 2 ] && words_=$(_kvmeter_vms)
					[ "$COMP_CWORD" -eq 3 ] && words_=$(ls /sys/class/net)
					;;
				cgroup)
					[ "$COMP_CWORD" -eq 2 ] && words_=$(_kvmeter_vms)
					if [ "$COMP_CWORD" -eq 3 ]; then
						mapfile -t COMPREPLY < <(compgen -d -- "$cur")
						return
					fi
					;;
				show | price | suggest | quote | hints | forecast | log | ledger | name | image)
					[ "$COMP_CWORD" -eq 2 ] && words_=$(_kvmeter_vms)
					[[ "$COMP_CWORD $verb" == 3\ @(hints|forecast) ]] && words_="on off"
					;;
				esac
				;;
			esac
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words_" -- "$cur")
}

complete -F _kvmeter kvmeter
