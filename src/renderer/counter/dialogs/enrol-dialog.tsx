/** A new member; works offline too. */
import { Button, TextInput } from '@mantine/core'
import { useState, type ComponentProps, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk } from '#renderer/counter/desk.tsx'
import { useTerminal } from '#renderer/counter/terminal.tsx'
import { useKeys } from '#renderer/ui/keys.tsx'
import { newCommand } from '#renderer/ui/new-command.ts'
import styles from './dialogs.module.css'
import { FailureLine } from './failure-line.tsx'

const DIGITS_OF_A_PHONE = /^\+?[\d ()-]{6,20}$/

export function EnrolDialog({ initial }: { initial: { name: string; phone: string } }) {
  const { t } = useTranslation()
  const { status } = useTerminal()
  const { chooseMember, command, open, order } = useDesk()
  const [fields, setFields] = useState({
    name: initial.name,
    phone: initial.phone,
    birthday: '',
    email: '',
    address: '',
  })
  const [checked, setChecked] = useState(false)
  useKeys(() => false)

  const nameMissing = fields.name.trim() === ''
  const phoneWrong = !DIGITS_OF_A_PHONE.test(fields.phone.trim())

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setChecked(true)
    if (nameMissing || phoneWrong) return
    const birthday = fields.birthday === '' ? null : fields.birthday
    await order({ kind: 'enrol', input: { ...fields, ...newCommand(status), birthday } })
  }
  const refusal = command.failure?.why === 'refused' ? command.failure.refusal : null
  const known = refusal?.code === 'memberExists' ? refusal : null
  const field = (name: keyof typeof fields): ComponentProps<typeof TextInput> => ({
    label: t(`enrol.${name}`),
    value: fields[name],
    autoComplete: 'off',
    onChange: (event) => setFields({ ...fields, [name]: event.currentTarget.value }),
  })
  return (
    <form className={styles.stack} noValidate onSubmit={(event) => void submit(event)}>
      <TextInput
        {...field('name')}
        required
        maxLength={60}
        data-autofocus={initial.name === '' || undefined}
        error={checked && nameMissing && t('enrol.nameNeeded')}
      />
      <TextInput
        {...field('phone')}
        required
        maxLength={20}
        type="tel"
        inputMode="tel"
        error={checked && phoneWrong && t('enrol.phoneWrong')}
      />
      <div className={styles.pair}>
        <TextInput {...field('birthday')} type="date" max={status.businessDate} />
        <TextInput {...field('email')} type="email" maxLength={120} />
      </div>
      <TextInput {...field('address')} maxLength={200} />
      {!status.online && <p className={styles.soft}>{t('enrol.offline')}</p>}
      <FailureLine command={command} />
      {known && (
        <Button
          variant="default"
          onClick={() => {
            open(null)
            chooseMember(known.member)
          }}
        >
          {t('enrol.showMember', { name: known.name })}
        </Button>
      )}
      <Button type="submit" loading={command.busy}>
        {t('enrol.submit')}
      </Button>
    </form>
  )
}
